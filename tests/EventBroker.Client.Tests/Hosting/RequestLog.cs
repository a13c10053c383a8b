using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;

namespace EventBroker.Client.Tests.Hosting;

// The requests that reached a server, and a way to stop one at its door.
internal sealed class RequestLog
{
    private readonly ConcurrentQueue<(string Method, IHeaderDictionary Headers)> _seen = new();

    // Asked before a request goes on.
    public Func<HttpContext, Task>? Door { get; set; }

    // Told when a request was answered; on HTTP/2 an abort then loses the answer.
    public Action<HttpContext>? After { get; set; }

    // Whether requests are kept; a test that counts bytes wants none.
    public bool IsKept { get; set; } = true;

    public IReadOnlyList<IHeaderDictionary> Of(string method) =>
        [.. _seen.Where(r => r.Method.Equals(method, StringComparison.Ordinal)).Select(static r => r.Headers)];

    public int Count(string method) => Of(method).Count;

    public Task EnterAsync(HttpContext context)
    {
        if (IsKept)
        {
            var copy = new HeaderDictionary(context.Request.Headers.ToDictionary());
            _seen.Enqueue((context.Request.Path.Value!.Split('/')[^1], copy));
        }

        return Door?.Invoke(context) ?? Task.CompletedTask;
    }
}

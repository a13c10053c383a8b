using System.Net;

namespace EventBroker.Client.Bus.Tests;

// Sees the calls of a transport on their way to the broker, and can make them fail.
internal sealed class Wire(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private readonly Lock _lock = new();
    private CancellationTokenSource _streams = new();
    private BreakableStream? _newest;
    private readonly Dictionary<string, int> _answered = [];
    private readonly List<(string Method, int Count, TaskCompletionSource Reached)> _waiters = [];

    // Whether a call to a method does not get through.
    public volatile Func<string, bool> IsCut = static _ => false;

    // Whether the server looks like the Go event-server.
    public bool HidesContract { get; set; }

    // Cuts the streams that are open.
    public void BreakStreams()
    {
        CancellationTokenSource cut;
        lock (_lock)
        {
            cut = _streams;
            _streams = new CancellationTokenSource();
        }

        cut.Cancel();
    }

    // Ends when the stream that was opened last has nothing more to read: what comes from now on has a time of its own.
    public Task WhenReadOutAsync()
    {
        lock (_lock)
        {
            return _newest!.ReadOut;
        }
    }

    // Ends when so many calls to a method were answered.
    public Task WhenAsync(string method, int count)
    {
        lock (_lock)
        {
            if (_answered.GetValueOrDefault(method) >= count)
            {
                return Task.CompletedTask;
            }

            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiters.Add((method, count, reached));
            return reached.Task;
        }
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var method = request.RequestUri!.Segments[^1];
        if (IsCut(method))
        {
            Count(method + " cut");
            throw new HttpRequestException("cut by the test", inner: null, HttpStatusCode.ServiceUnavailable);
        }

        var response = await base.SendAsync(request, cancellationToken);
        if (HidesContract)
        {
            response.Headers.Remove("eventbroker-contract");
        }

        if (method == "Subscribe")
        {
            await MakeBreakableAsync(response);
        }

        Count(method);
        return response;
    }

    private async Task MakeBreakableAsync(HttpResponseMessage response)
    {
        CancellationToken cut;
        lock (_lock)
        {
            cut = _streams.Token;
        }

        var content = response.Content;
        var stream = new BreakableStream(await content.ReadAsStreamAsync(CancellationToken.None), cut);
        lock (_lock)
        {
            _newest = stream;
        }

        response.Content = new StreamContent(stream);
        foreach (var (name, values) in content.Headers)
        {
            response.Content.Headers.TryAddWithoutValidation(name, values);
        }
    }

    private void Count(string method)
    {
        lock (_lock)
        {
            var count = _answered[method] = _answered.GetValueOrDefault(method) + 1;
            foreach (var waiter in _waiters.Where(w => w.Method == method && w.Count <= count))
            {
                waiter.Reached.TrySetResult();
            }
        }
    }
}

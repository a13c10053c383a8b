using EventBroker.Broker;
using EventBroker.Endpoints.Http;
using Microsoft.AspNetCore.Http;

namespace EventBroker.Endpoints.Streaming;

// Ends a stream's response. A client that has stopped reading does not take the end either: what is not taken in time is cut, since
// otherwise it would stay for as long as the client keeps its connection.
internal sealed class StreamEnd(MessageBroker broker, TimeProvider time)
{
    public TimeSpan Timeout => broker.Options.CloseTimeout;

    // Writes the last words, if there are any, and completes the response.
    public async Task CompleteAsync(HttpContext http, ReadOnlyMemory<byte> lastWords = default)
    {
        if (!http.Response.HasStarted || http.RequestAborted.IsCancellationRequested)
        {
            return;
        }

        try
        {
            await WriteAsync(http.Response, lastWords, http.RequestAborted).WaitAsync(Timeout, time);
        }
        catch (TimeoutException)
        {
            http.Abort();
        }
        catch (Exception exception) when (Failures.IsClientGone(exception, http))
        {
            // It needs no end any more.
        }
    }

    private static async Task WriteAsync(HttpResponse response, ReadOnlyMemory<byte> lastWords, CancellationToken aborted)
    {
        if (!lastWords.IsEmpty)
        {
            await response.BodyWriter.WriteAsync(lastWords, aborted);
        }

        await response.CompleteAsync();
    }
}

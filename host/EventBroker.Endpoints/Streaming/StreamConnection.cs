using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace EventBroker.Endpoints.Streaming;

// What carries a stream, to be cut once its client takes no more bytes. Has no effect after the call, since the server reuses the
// HttpContext: whoever ends the call releases it.
internal sealed class StreamConnection(HttpContext http) : IThreadPoolWorkItem
{
    // A gRPC client takes REFUSED_STREAM for UNAVAILABLE and comes back; what a plain abort sends it takes for INTERNAL.
    private const int RefusedStream = 7;

    private readonly Lock _gate = new();
    private HttpContext? _http = http;
    private volatile bool _isCut;
    private string _cutReason = "its connection took no more bytes and was cut";

    // For the log.
    public string CutReason => _cutReason;

    // Known before a blocked write comes back by it.
    public bool IsCut => _isCut;

    // Ends when the connection is cut or gone. Every write has to listen to it where it can: an aborted HTTP/2 stream brings a blocked write
    // back by itself only as long as the rest of its connection moves.
    public CancellationToken Aborted { get; } = http.RequestAborted;

    // Returns at once, whatever thread it is and whatever locks are held: what the cut brings back must not run in here.
    public void Cut() => ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);

    public void Cut(string reason)
    {
        _cutReason = reason;
        Cut();
    }

    public void Release()
    {
        lock (_gate)
        {
            _http = null;
        }
    }

    void IThreadPoolWorkItem.Execute()
    {
        lock (_gate)
        {
            if (_http is null)
            {
                return;
            }

            _isCut = true;
            if (_http.Features.Get<IHttpResetFeature>() is { } stream)
            {
                stream.Reset(RefusedStream);
            }
            else
            {
                _http.Abort();
            }
        }
    }
}

using EventBroker.Broker;

namespace EventBroker.Endpoints.Hosting;

// Whether this broker wants calls. How its backends are is told by GET /v1/health, since taking every broker out of service when one of
// several backends is down would make things worse.
internal sealed class Readiness(MessageBroker broker)
{
    private volatile bool _isLeaving;

    public bool IsReady => !_isLeaving && !broker.Draining.IsCancellationRequested;

    // Serves on, but wants no more.
    public void Leave() => _isLeaving = true;
}

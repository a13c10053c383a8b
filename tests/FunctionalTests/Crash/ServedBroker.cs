using EventBroker.FunctionalTests.Hosting;
using Grpc.Net.Client;

namespace EventBroker.FunctionalTests.Crash;

// One client's connections to one life of the broker.
internal sealed class ServedBroker(CrashRun run) : IServedBroker, IAsyncDisposable
{
    private readonly List<GrpcChannel> _channels = [];

    public Uri HttpAddress => run.Broker.HttpAddress;

    public HttpClient Http { get; } = run.OpenHttp();

    public GrpcChannel OpenChannel()
    {
        var channel = run.OpenChannel();
        _channels.Add(channel);
        return channel;
    }

    public ValueTask DisposeAsync()
    {
        _channels.ForEach(static c => c.Dispose());
        Http.Dispose();
        return default;
    }
}

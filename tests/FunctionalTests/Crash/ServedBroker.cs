using EventBroker.Client.Tests.Hosting;
using EventBroker.FunctionalTests.Hosting;
using Grpc.Net.Client;

namespace EventBroker.FunctionalTests.Crash;

// One client's connections to one life of the broker.
internal sealed class ServedBroker(BrokerProcess broker) : IServedBroker, IAsyncDisposable
{
    private readonly List<GrpcChannel> _channels = [];

    public Uri HttpAddress => broker.HttpAddress;

    public HttpClient Http { get; } = new() { BaseAddress = broker.HttpAddress };

    public GrpcChannel OpenChannel()
    {
        var channel = GrpcChannel.ForAddress(broker.Address);
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

using Benchmarks.Clients;
using Benchmarks.Servers;

namespace Benchmarks.Loads;

/// <summary>PublishStream without any subscriber.</summary>
internal sealed class StreamPublishes : ILoad
{
    private const int Window = 8_192;

    private readonly GrpcConnection _connection;
    private readonly StreamPublisher _publisher;

    public StreamPublishes(ServerProcess server, string eventName)
    {
        _connection = new GrpcConnection(server.Addresses.Grpc);
        _publisher = new StreamPublisher(_connection, eventName);
    }

    public Task RunAsync(long messages, CancellationToken cancellation) =>
        _publisher.PublishAsync(messages, Window, static () => long.MaxValue, cancellation);

    public async ValueTask DisposeAsync()
    {
        await _publisher.DisposeAsync();
        _connection.Dispose();
    }
}

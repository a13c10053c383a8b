using Benchmarks.Clients;
using Benchmarks.Servers;
using EventBroker.Protos.Event.V1;

namespace Benchmarks.Loads;

/// <summary>One gRPC subscriber reads retained messages from the beginning, again and again: delivery alone, without
/// the work of publishing.</summary>
internal sealed class GrpcReplays : ILoad
{
    private const int Retained = 50_000;
    private const int Window = 8_192;

    private readonly ServerProcess _server;
    private readonly string _eventName;
    private readonly GrpcConnection _connection;

    private GrpcReplays(ServerProcess server, string eventName)
    {
        _server = server;
        _eventName = eventName;
        _connection = new GrpcConnection(server.Addresses.Grpc);
    }

    public long Step => Retained;

    public static async Task<ILoad> OpenAsync(ServerProcess server, string eventName, CancellationToken cancellation)
    {
        var load = new GrpcReplays(server, eventName);
        if (!server.IsBare)
        {
            await using var publisher = new StreamPublisher(load._connection, eventName);
            await publisher.PublishAsync(Retained, Window, static () => long.MaxValue, cancellation);
        }

        return load;
    }

    public async Task RunAsync(long messages, CancellationToken cancellation)
    {
        var request = _server.IsBare
            ? new SubscribeRequest { Event = _eventName, BufferSize = Retained }
            : new SubscribeRequest { Event = _eventName, StartFrom = StartPosition.Beginning, AutoAck = true };
        for (long read = 0; read < messages; read += Retained)
        {
            await using var subscriber = await CountingSubscriber.OpenAsync(_connection, request, cancellation);
            await subscriber.Received.WaitForAsync(Retained, cancellation);
        }
    }

    public ValueTask DisposeAsync()
    {
        _connection.Dispose();
        return ValueTask.CompletedTask;
    }
}

using Benchmarks.Clients;
using EventBroker.Protos.Event.V1;

namespace Benchmarks.Loads;

/// <summary>Consumes and acks what was published beforehand, as a worker group that goes on where it stopped.</summary>
internal abstract class ConsumeLoad : ILoad
{
    protected const string Group = "benchmark";

    private readonly GrpcConnection _connection;
    private readonly StreamPublisher _publisher;

    protected ConsumeLoad(Uri server, string eventName)
    {
        _connection = new GrpcConnection(server);
        _publisher = new StreamPublisher(_connection, eventName);
        EventName = eventName;
    }

    // What an event retains by default is 64 MiB.
    public long Limit => 100_000;

    protected string EventName { get; }

    public Task PrepareAsync(long messages, CancellationToken cancellation) =>
        _publisher.PublishAsync(messages, 4_096, static () => long.MaxValue, cancellation);

    public abstract Task RunAsync(long messages, CancellationToken cancellation);

    public virtual async ValueTask DisposeAsync()
    {
        await _publisher.DisposeAsync();
        _connection.Dispose();
    }
}

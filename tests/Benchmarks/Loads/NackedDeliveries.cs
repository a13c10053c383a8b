using System.Diagnostics;
using Benchmarks.Clients;
using Benchmarks.Measuring;
using Benchmarks.Servers;
using EventBroker.Protos.Event.V1;

namespace Benchmarks.Loads;

/// <summary>Extends every message three times and nacks it, in Ack calls of 100 entries, with everything that the window allows in flight;
/// afterwards each has to come back in time. What is measured are the settlements: each extension and each nack counts as a message.</summary>
internal sealed class NackedDeliveries : ILoad
{
    private const int Extensions = 3;
    private const int CallsAtOnce = 8;
    private static readonly TimeSpan MostEarly = TimeSpan.FromMilliseconds(5);

    private readonly GrpcConnection _connection;
    private readonly StreamPublisher _publisher;
    private readonly AckCalls _calls;
    private readonly StallWatch _stalls = new();
    private readonly ReceivedCounter _taken = new();
    private readonly ReceivedCounter _returned = new();
    private readonly List<NackingSubscriber> _subscribers = [];
    private readonly int _window;
    private long _total;

    private NackedDeliveries(ServerProcess server, string eventName, int window)
    {
        _window = window;
        _connection = new GrpcConnection(server.Addresses.Grpc);
        _publisher = new StreamPublisher(_connection, eventName);
        _calls = new AckCalls(_connection, expectResults: true);
    }

    public long Step => _subscribers.Count * _window * (Extensions + 1);

    public long Limit => Step;

    /// <summary>Gets how late messages came back.</summary>
    public Lateness Lateness { get; } = new();

    public static async Task<NackedDeliveries> OpenAsync(
        ServerProcess server, string eventName, DeliveryMode mode, int subscribers, int window, CancellationToken cancellation)
    {
        var load = new NackedDeliveries(server, eventName, window);
        for (var i = 0; i < subscribers; i++)
        {
            var request = new SubscribeRequest
            {
                Event = eventName,
                DeliveryMode = mode,
                WorkerGroup = mode == DeliveryMode.WorkerPool ? $"group-{i}" : "",
                MaxInFlight = window,
            };
            load._subscribers.Add(await NackingSubscriber.OpenAsync(load._connection, request, load._taken, load._returned, cancellation));
        }

        return load;
    }

    public async Task PrepareAsync(long messages, CancellationToken cancellation)
    {
        _stalls.Clear();
        _total += _subscribers.Count * _window;
        await _publisher.PublishAsync(_window, _window, static () => long.MaxValue, cancellation);
        await _taken.WaitForAsync(_total, cancellation);
        foreach (var subscriber in _subscribers)
            subscriber.MakeBatches();

        // Now rather than while this process looks at the clock.
        GC.Collect();
    }

    public async Task RunAsync(long messages, CancellationToken cancellation)
    {
        // One subscription after the other: what is compared is how many each has in flight, not how many there are.
        var extended = _subscribers.SelectMany(static subscriber => Enumerable.Repeat(subscriber.Batches, Extensions).SelectMany(static all => all));
        await ForEachAsync(extended, (batch, token) => _calls.CallAsync(batch.Extend, token), cancellation);
        await ForEachAsync(_subscribers.SelectMany(static subscriber => subscriber.Batches), NackAsync, cancellation);
    }

    public async Task FinishAsync(CancellationToken cancellation)
    {
        try
        {
            await _returned.WaitForAsync(_total, cancellation);
        }
        catch (TimeoutException fault)
        {
            throw new TimeoutException($"Not everything that was nacked came back: {fault.Message}", fault);
        }

        var batches = _subscribers.SelectMany(static subscriber => subscriber.Batches).ToArray();
        await ForEachAsync(batches, (batch, token) => _calls.CallAsync(batch.MakeAck(), token), cancellation);
        foreach (var batch in batches)
            Check(batch);

        foreach (var subscriber in _subscribers)
            subscriber.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        await _publisher.DisposeAsync();
        foreach (var subscriber in _subscribers)
            await subscriber.DisposeAsync();

        await _stalls.DisposeAsync();
        _connection.Dispose();
    }

    private async Task ForEachAsync(IEnumerable<NackBatch> batches, Func<NackBatch, CancellationToken, Task> call, CancellationToken cancellation)
    {
        var options = new ParallelOptions { MaxDegreeOfParallelism = CallsAtOnce, CancellationToken = cancellation };
        try
        {
            await Parallel.ForEachAsync(batches, options, (batch, token) => new ValueTask(call(batch, token)));
        }
        catch (OperationCanceledException fault)
        {
            // Throws if a subscription has failed: then that is why.
            await _returned.WaitForAsync(0, CancellationToken.None);
            throw new TimeoutException("Ack calls were not answered in time.", fault);
        }
    }

    private async Task NackAsync(NackBatch batch, CancellationToken cancellation)
    {
        batch.Sent = Stopwatch.GetTimestamp();
        await _calls.CallAsync(batch.Nack, cancellation);
        batch.Answered = Stopwatch.GetTimestamp();
    }

    // The delay began somewhere between the request and its answer: whoever waited for the answer counts from there.
    private void Check(NackBatch batch)
    {
        foreach (var message in batch.Messages)
        {
            var early = message.Delay - Stopwatch.GetElapsedTime(batch.Sent, message.Returned);
            if (early > MostEarly)
                throw new InvalidOperationException($"A message came back {early.TotalMilliseconds:0.0} ms before its delay of {message.Delay} was over.");

            var due = batch.Answered + (long)(message.Delay.TotalSeconds * Stopwatch.Frequency);
            var late = Stopwatch.GetElapsedTime(due, message.Returned);
            Lateness.Add(late, _stalls.LostBetween(due, message.Returned));
        }
    }
}

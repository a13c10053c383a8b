using System.Diagnostics;
using System.Text;
using EventBroker.Protos.Event.V1;

namespace Benchmarks.Clients;

/// <summary>A gRPC subscription that keeps its messages, to nack each once, and notes when each is there again.</summary>
internal sealed class NackingSubscriber : IAsyncDisposable
{
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(5);

    private readonly HttpResponseMessage _response;
    private readonly ReceivedCounter _taken;
    private readonly ReceivedCounter _returned;
    private readonly Dictionary<string, NackedMessage> _messages = [];
    private readonly Task _reading;

    private NackingSubscriber(HttpResponseMessage response, Stream stream, ReceivedCounter taken, ReceivedCounter returned)
    {
        _response = response;
        _taken = taken;
        _returned = returned;
        _reading = ReadAsync(stream);
    }

    /// <summary>Gets what the messages were put into.</summary>
    public IReadOnlyList<NackBatch> Batches { get; private set; } = [];

    /// <summary>Subscribes.</summary>
    /// <param name="connection">The broker.</param>
    /// <param name="request">The subscription.</param>
    /// <param name="taken">Counts first deliveries.</param>
    /// <param name="returned">Counts redeliveries.</param>
    /// <param name="cancellation">Ends the wait for its start.</param>
    public static async Task<NackingSubscriber> OpenAsync(
        GrpcConnection connection, SubscribeRequest request, ReceivedCounter taken, ReceivedCounter returned, CancellationToken cancellation)
    {
        var response = await connection.StartAsync(CountingSubscriber.Method, request, cancellation);
        return new NackingSubscriber(response, await response.Content.ReadAsStreamAsync(cancellation), taken, returned);
    }

    /// <summary>Puts everything taken into batches.</summary>
    public void MakeBatches() => Batches = [.. _messages.Values.Chunk(AckCollector.EntriesPerRequest).Select(static chunk => new NackBatch(chunk))];

    /// <summary>Forgets everything taken.</summary>
    public void Clear()
    {
        _messages.Clear();
        Batches = [];
    }

    public async ValueTask DisposeAsync()
    {
        _response.Dispose();
        await _reading;
    }

    private async Task ReadAsync(Stream stream)
    {
        try
        {
            await MessageStream.ReadAsync(_response, stream, message => Take(MessageFields.Read(message), Stopwatch.GetTimestamp()));
            throw new InvalidOperationException("The server has ended the stream.");
        }
        catch (Exception fault)
        {
            // Whoever waits for messages gets it; after disposal nobody does.
            _taken.Fail(fault);
            _returned.Fail(fault);
        }
    }

    private void Take(MessageFields message, long now)
    {
        Span<char> id = stackalloc char[message.Id.Length];
        Encoding.ASCII.GetChars(message.Id, id);
        if (message.RetryCount == 0)
        {
            _messages.Add(id.ToString(), new NackedMessage(message.AckId, Random.Shared.NextDouble() * LongestDelay));
            _taken.Add(1);
            return;
        }

        if (!_messages.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(id, out var nacked) || nacked.Returned != 0 || message.RetryCount != 1)
            throw new InvalidOperationException($"A message that nobody waits for came with retry count {message.RetryCount}.");

        nacked.Return(message.AckId, now);
        _returned.Add(1);
    }
}

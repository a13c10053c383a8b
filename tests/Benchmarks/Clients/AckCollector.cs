using System.Buffers.Binary;
using System.Threading.Channels;
using EventBroker.Protos.Event.V1;

namespace Benchmarks.Clients;

/// <summary>A gRPC subscription that puts the ack ids of its messages into ready-made Ack requests.</summary>
internal sealed class AckCollector : IAsyncDisposable
{
    public const int EntriesPerRequest = 100;

    // AckEntry is field 1 of AckRequest, ack_id field 1 of AckEntry.
    private const byte EntryTag = 0x0A;
    private const byte AckIdTag = 0x0A;

    private readonly HttpResponseMessage _response;
    private readonly Task _reading;
    private readonly byte[] _request = new byte[GrpcFrame.PrefixLength + (EntriesPerRequest * 132)];
    private int _requestLength = GrpcFrame.PrefixLength;
    private int _entries;

    private AckCollector(HttpResponseMessage response, Stream stream)
    {
        _response = response;
        _reading = ReadAsync(stream);
    }

    /// <summary>Gets the counter of messages whose Ack request is ready.</summary>
    public ReceivedCounter Received { get; } = new();

    /// <summary>Gets the requests, each with <see cref="EntriesPerRequest"/> entries and its gRPC prefix.</summary>
    public Channel<byte[]> Requests { get; } = Channel.CreateUnbounded<byte[]>();

    public static async Task<AckCollector> OpenAsync(GrpcConnection connection, SubscribeRequest request, CancellationToken cancellation)
    {
        var response = await connection.StartAsync(CountingSubscriber.Method, request, cancellation);
        return new AckCollector(response, await response.Content.ReadAsStreamAsync(cancellation));
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
            await MessageStream.ReadAsync(_response, stream, message => AddEntry(MessageFields.Read(message).AckId));
            Requests.Writer.TryComplete();
        }
        catch (Exception fault)
        {
            // Whoever waits for messages gets it; after disposal nobody does.
            Received.Fail(fault);
            Requests.Writer.TryComplete(fault);
        }
    }

    private void AddEntry(ReadOnlySpan<byte> ackId)
    {
        // Both lengths fit into one byte: an ack id is ASCII of some 40 characters.
        var entry = _request.AsSpan(_requestLength);
        entry[0] = EntryTag;
        entry[1] = checked((byte)(ackId.Length + 2));
        entry[2] = AckIdTag;
        entry[3] = (byte)ackId.Length;
        ackId.CopyTo(entry[4..]);
        _requestLength += 4 + ackId.Length;
        if (++_entries < EntriesPerRequest)
            return;

        BinaryPrimitives.WriteInt32BigEndian(_request.AsSpan(1), _requestLength - GrpcFrame.PrefixLength);
        Requests.Writer.TryWrite(_request.AsSpan(0, _requestLength).ToArray());
        Received.Add(_entries);
        _entries = 0;
        _requestLength = GrpcFrame.PrefixLength;
    }
}

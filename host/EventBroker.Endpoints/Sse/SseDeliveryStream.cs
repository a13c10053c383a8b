using System.Buffers;
using System.IO.Pipelines;
using EventBroker.Broker.Settling;
using EventBroker.Broker.Subscribing;
using EventBroker.Endpoints.Json;
using EventBroker.Endpoints.Streaming;
using EventBroker.Sdk.Transports;

namespace EventBroker.Endpoints.Sse;

// Writes server-sent events straight into the response.
#pragma warning disable CA1001 // The semaphore holds nothing that needs disposing, since nobody asks for its wait handle.
internal sealed class SseDeliveryStream(BrokerSubscription subscription, EventPrefixes prefixes, PipeWriter writer, bool writesIds)
    : DeliveryStream(subscription), IHasHeartbeat
#pragma warning restore CA1001
{
    private static readonly byte[] Heartbeat = ": heartbeat\n\n"u8.ToArray();

    private readonly SemaphoreSlim _turn = new(1, 1);

    // Left out while messages are being written: they are a sign of life themselves.
    public async Task BeatAsync()
    {
        if (!await _turn.WaitAsync(TimeSpan.Zero))
        {
            return;
        }

        try
        {
            await writer.WriteAsync(Heartbeat);
        }
        finally
        {
            _turn.Release();
        }
    }

    protected override ValueTask EnterAsync() => new(_turn.WaitAsync());

    protected override void Exit() => _turn.Release();

    protected override int Write(in OutboundDelivery delivery)
    {
        Span<byte> texts = stackalloc byte[AckId.MaxLength + SubscribeOptions.MaxCursorLength];
        ReadOnlySpan<byte> ackId = texts[..Subscription.FormatAckId(in delivery, texts)];
        ReadOnlySpan<byte> cursor = texts.Slice(AckId.MaxLength, Subscription.FormatCursor(in delivery, texts[AckId.MaxLength..]));
        var written = 0;
        if (writesIds && !cursor.IsEmpty)
        {
            written += Put("id: "u8);
            written += Put(cursor);
            written += Put("\n"u8);
        }

        written += Put("event: message\ndata: "u8);
        var prefix = prefixes.Get(in delivery);
        if (prefix.IsEmpty)
        {
            var length = MessageJson.WritePrefix(delivery.Message, writer.GetSpan(MessageJson.MaxPrefixLength(delivery.Message)));
            writer.Advance(length);
            written += length;
        }
        else
        {
            written += Put(prefix);
        }

        Span<byte> suffix = stackalloc byte[MessageJson.MaxSuffixLength];
        written += Put(suffix[..MessageJson.WriteSuffix(in delivery, ackId, cursor, suffix)]);
        return written + Put("\n\n"u8);
    }

    protected override async ValueTask<bool> FlushAsync() => !(await writer.FlushAsync()).IsCompleted;

    private int Put(ReadOnlySpan<byte> text)
    {
        writer.Write(text);
        return text.Length;
    }
}

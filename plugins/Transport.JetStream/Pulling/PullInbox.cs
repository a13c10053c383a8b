using System.Buffers;
using System.Globalization;
using System.Text;
using EventBroker.Nats.Connections;
using EventBroker.Nats.Messages;
using EventBroker.Sdk.Messages;
using NATS.Client.Core;

namespace EventBroker.Transport.JetStream.Pulling;

/// <summary>Where the messages of pulls arrive. Its pulls end with it: the servers drop those that nobody listens to.</summary>
internal sealed class PullInbox
{
    /// <summary>How long a pull stays open at the server.</summary>
    public static readonly TimeSpan Expiry = TimeSpan.FromSeconds(20);

    /// <summary>How often the server says that an open pull is still there.</summary>
    public static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(5);

    private const int IdleHeartbeat = 100;
    private const int NoMessages = 404;
    private const int Expired = 408;

    private readonly NatsLink _link;
    private readonly RawSubscription _subscription;
    private readonly string _pullSubject;
    private readonly string _prefix;
    private readonly IPullSink _sink;
    private readonly TaskCompletionSource _retired = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _outstanding;
    private long _heardAt;
    private int _pulls;

    public PullInbox(NatsLink link, string apiPrefix, string stream, string consumer, IPullSink sink)
    {
        _link = link;
        _sink = sink;
        _pullSubject = $"{apiPrefix}.CONSUMER.MSG.NEXT.{stream}.{consumer}";
        _prefix = link.NewInbox();
        _subscription = new RawSubscription(link.Connection, _prefix + ".*", queueGroup: null, OnReceived);
        _heardAt = link.Time.GetTimestamp();
    }

    /// <summary>Gets how many messages open pulls may still bring.</summary>
    public int Outstanding => Volatile.Read(ref _outstanding);

    /// <summary>Gets a task that ends when it was retired, and never fails.</summary>
    public Task Retired => _retired.Task;

    /// <summary>Gets whether nothing was heard of an open pull for so long that it can't be there any more.</summary>
    public bool IsSilent => Outstanding > 0 && _link.Time.GetElapsedTime(Volatile.Read(ref _heardAt)) > Heartbeat * 3;

    public async ValueTask OpenAsync(CancellationToken cancellationToken) => await _link.Connection.AddSubAsync(_subscription, cancellationToken);

    /// <summary>Asks for messages.</summary>
    public async ValueTask PullAsync(int count, CancellationToken cancellationToken)
    {
        Interlocked.Add(ref _outstanding, count);
        Volatile.Write(ref _heardAt, _link.Time.GetTimestamp());
        var request = string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"batch":{{count}},"expires":{{Expiry.Ticks * 100}},"idle_heartbeat":{{Heartbeat.Ticks * 100}}}""");
        var reply = string.Create(CultureInfo.InvariantCulture, $"{_prefix}.{Interlocked.Increment(ref _pulls)}");
        await _link.Connection.PublishAsync<ReadOnlyMemory<byte>>(
            _pullSubject,
            Encoding.ASCII.GetBytes(request),
            replyTo: reply,
            serializer: NatsRawSerializer<ReadOnlyMemory<byte>>.Default,
            cancellationToken: cancellationToken);
    }

    /// <summary>Asks for as many as there is room for, unless so many are under way already that it is not worth it yet.</summary>
    public async ValueTask PullIfRoomAsync(Func<int> room, int window, CancellationToken cancellationToken)
    {
        var outstanding = Outstanding;
        var count = Math.Min(window, room()) - outstanding;
        if (count > 0 && (outstanding <= window / 2 || count >= window / 2))
        {
            await PullAsync(count, cancellationToken);
        }
    }

    /// <summary>Ends the pulls; what was sent before the server knows of it still arrives.</summary>
    public async ValueTask RetireAsync()
    {
        try
        {
            if (_link.IsOpen)
            {
                await _subscription.DrainAsync(CancellationToken.None);
            }
            else
            {
                // Nothing arrives any more, and nobody answers.
                await CloseAsync();
            }
        }
        catch (Exception exception) when (exception is NatsException or ObjectDisposedException or OperationCanceledException)
        {
            // With the connection the pulls are gone, too.
        }
        finally
        {
            _retired.TrySetResult();
        }
    }

    /// <summary>Ends the pulls, and listens to nothing any more.</summary>
    public async ValueTask CloseAsync()
    {
        _subscription.Mute();
        try
        {
            await _subscription.DisposeAsync();
        }
        catch (Exception exception) when (exception is NatsException or ObjectDisposedException or OperationCanceledException)
        {
            // As above.
        }
    }

    private void OnReceived(string subject, string? replyTo, ReadOnlySequence<byte> headers, ReadOnlySequence<byte> payload)
    {
        Volatile.Write(ref _heardAt, _link.Time.GetTimestamp());
        if (replyTo is not null && AckInfo.TryParse(replyTo, out var info))
        {
            Interlocked.Decrement(ref _outstanding);
            _sink.OnMessage(this, new PulledMessage { Message = Read(headers, payload, info), AckSubject = replyTo, Info = info });
            return;
        }

        switch (StatusLine.ReadCode(headers))
        {
            case 0 or IdleHeartbeat:
                return;
            case NoMessages or Expired when StatusLine.ReadNumber(headers, "Nats-Pending-Messages") is { } pending:
                Interlocked.Add(ref _outstanding, -(int)pending);
                _sink.OnPullsEnded(this, 0, "");
                return;
            case var code:
                Interlocked.Exchange(ref _outstanding, 0);
                _sink.OnPullsEnded(this, code, StatusLine.ReadText(headers));
                return;
        }
    }

    private EncodedMessage Read(ReadOnlySequence<byte> headers, ReadOnlySequence<byte> payload, in AckInfo info)
    {
        if ((headers.IsSingleSegment ? headers.FirstSpan : headers.ToArray()).IndexOf(HeaderNames.FormLine) >= 0)
        {
            return new EncodedMessage(payload.ToArray());
        }

        var (seconds, nanoseconds) = Math.DivRem(info.Time, 1_000_000_000);
        return ForeignMessages.Read(
            headers,
            payload,
            string.Create(CultureInfo.InvariantCulture, $"js-{info.StreamSequence}"),
            new MessageTimestamp(seconds, (int)nanoseconds),
            _link.Connection.HeaderParser);
    }
}

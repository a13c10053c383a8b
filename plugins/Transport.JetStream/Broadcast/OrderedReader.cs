using EventBroker.Nats.Connections;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Messages;
using EventBroker.Transport.JetStream.Events;
using EventBroker.Transport.JetStream.Pulling;
using NATS.Client.Core;
using NATS.Client.JetStream.Models;

namespace EventBroker.Transport.JetStream.Broadcast;

/// <summary>Reads a stream from a place on, in its order and without gaps of its own: through an ephemeral consumer without acks, which is
/// made anew where something got lost on the way.</summary>
internal sealed class OrderedReader : IPullSink
{
    // So long the servers keep a consumer that nobody pulls from.
    private static readonly TimeSpan Inactivity = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private readonly Lock _gate = new();
    private readonly EventStream _stream;
    private readonly TransportState _transport;
    private readonly Func<int> _room;
    private readonly Action<ulong, EncodedMessage> _receive;
    private readonly ITimer _timer;
    private readonly int _window;
    private PullInbox? _inbox;
    private string? _consumer;
    private ulong _next;
    private ulong _nextConsumerSequence;
    private bool _isRunning;
    private bool _isAsked;
    private bool _isBroken;
    private bool _isClosed;

    /// <summary>Initializes a reader that reads nothing yet.</summary>
    /// <param name="stream">The event.</param>
    /// <param name="next">The first place to read.</param>
    /// <param name="window">How many to ask for at a time.</param>
    /// <param name="room">Tells how many more can be taken.</param>
    /// <param name="receive">Takes a message with its place; on the connection's reading thread.</param>
    /// <param name="transport">The transport.</param>
    public OrderedReader(
        EventStream stream, ulong next, int window, Func<int> room, Action<ulong, EncodedMessage> receive, TransportState transport)
    {
        _stream = stream;
        _next = next;
        _window = window;
        _room = room;
        _receive = receive;
        _transport = transport;
        _timer = transport.Link.Time.CreateTimer(
            static reader => ((OrderedReader)reader!).OnTimer(), this, PullInbox.Heartbeat, PullInbox.Heartbeat);
    }

    /// <summary>Finds the place of the first message that was accepted at a time or after it.</summary>
    public static async ValueTask<ulong> FindAsync(
        EventStream stream, DateTimeOffset time, TransportState transport, CancellationToken cancellationToken)
    {
        var config = Configure(stream);
        (config.DeliverPolicy, config.OptStartTime) = (ConsumerConfigDeliverPolicy.ByStartTime, time);
        var made = await transport.Api.CallAsync((js, token) => js.CreateConsumerAsync(stream.StreamName, config, token), cancellationToken);
        await transport.Api.FindAsync(
            async (js, token) => (object)await js.DeleteConsumerAsync(stream.StreamName, config.Name!, token), cancellationToken);
        return made.Info.Delivered.StreamSeq + 1;
    }

    /// <summary>There is room, or may be: reads on.</summary>
    public void Kick()
    {
        lock (_gate)
        {
            _isAsked = true;
            if (_isRunning || _isClosed)
            {
                return;
            }

            _isRunning = true;
        }

        _ = Task.Run(RunAsync);
    }

    /// <summary>What was asked for is lost: begins anew behind the last message that came.</summary>
    public void ReadAnew()
    {
        lock (_gate)
        {
            _isBroken = true;
        }

        Kick();
    }

    public void Close()
    {
        string? consumer;
        PullInbox? inbox;
        lock (_gate)
        {
            if (_isClosed)
            {
                return;
            }

            _isClosed = true;
            (consumer, inbox) = (_consumer, _inbox);
        }

        _timer.Dispose();
        _ = AbandonAsync(inbox, consumer);
    }

    void IPullSink.OnMessage(PullInbox from, in PulledMessage message)
    {
        lock (_gate)
        {
            if (_isClosed || from != _inbox || _isBroken)
            {
                return;
            }

            if (message.Info.ConsumerSequence != _nextConsumerSequence)
            {
                // Something before it got lost on the way; acks there are none.
                _isBroken = true;
            }
            else
            {
                _nextConsumerSequence++;
                _next = message.Info.StreamSequence + 1;
            }
        }

        if (!_isBroken)
        {
            _receive(message.Info.StreamSequence, message.Message);
        }

        if (_isBroken || from.Outstanding <= _window / 2)
        {
            Kick();
        }
    }

    void IPullSink.OnPullsEnded(PullInbox from, int code, string text)
    {
        if (code == 0)
        {
            Kick();
        }
        else if (from == _inbox)
        {
            ReadAnew();
        }
    }

    private static ConsumerConfig Configure(EventStream stream) => new("b=" + Guid.NewGuid().ToString("n"))
    {
        FilterSubject = stream.Filter,
        AckPolicy = ConsumerConfigAckPolicy.None,
        ReplayPolicy = ConsumerConfigReplayPolicy.Instant,
        InactiveThreshold = Inactivity,
        MemStorage = true,
        NumReplicas = 1,
    };

    private void OnTimer()
    {
        if (_transport.Link.IsOpen && _inbox is { IsSilent: true })
        {
            ReadAnew();
        }
    }

    private async Task RunAsync()
    {
        while (true)
        {
            PullInbox? broken = null;
            string? left = null;
            lock (_gate)
            {
                if (_isClosed || !_isAsked)
                {
                    _isRunning = false;
                    return;
                }

                _isAsked = false;
                if (_isBroken)
                {
                    _isBroken = false;
                    (broken, left) = (_inbox, _consumer);
                    (_inbox, _consumer) = (null, null);
                }
            }

            try
            {
                if (broken is not null)
                {
                    await AbandonAsync(broken, left);
                }

                await (_inbox ?? await MakeConsumerAsync()).PullIfRoomAsync(_room, _window, _transport.Link.Closing);
            }
            catch (BrokerException gone) when (gone.Code == BrokerErrorCode.NotFound)
            {
                // The stream is gone, or made anew: whoever reads is told by the event.
                await LookAsync();
            }
            catch (Exception exception) when (exception is BrokerException or NatsException or ObjectDisposedException)
            {
                if (_transport.Link.IsOpen && !_isClosed)
                {
                    JetStreamLog.ReadingFailed(_transport.Logger, _stream.EventName, exception.Message);
                }

                await AgainAsync();
            }
            catch (OperationCanceledException)
            {
                // Closing.
            }
        }
    }

    private async Task LookAsync()
    {
        try
        {
            if (!await _stream.IsGoneAsync(_transport.Link.Closing))
            {
                await AgainAsync();
            }
        }
        catch (Exception exception) when (exception is BrokerException or OperationCanceledException)
        {
            await AgainAsync();
        }
    }

    private async Task AgainAsync()
    {
        try
        {
            await Task.Delay(Pause, _transport.Link.Time, _transport.Link.Closing);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        lock (_gate)
        {
            _isAsked = true;
            _isBroken = true;
        }
    }

    private async Task<PullInbox> MakeConsumerAsync()
    {
        var config = Configure(_stream);
        lock (_gate)
        {
            (config.DeliverPolicy, config.OptStartSeq) = (ConsumerConfigDeliverPolicy.ByStartSequence, _next);
        }

        await _transport.Api.CallAsync(
            (js, token) => js.CreateConsumerAsync(_stream.StreamName, config, token), _transport.Link.Closing);
        var inbox = new PullInbox(_transport.Link, _transport.Api.Prefix, _stream.StreamName, config.Name!, this);
        await inbox.OpenAsync(_transport.Link.Closing);
        lock (_gate)
        {
            (_inbox, _consumer) = (inbox, config.Name);
            _nextConsumerSequence = 1;
        }

        if (_isClosed)
        {
            await AbandonAsync(inbox, config.Name);
        }

        return inbox;
    }

    // The consumer goes by itself after a while, should this not get through.
    private async Task AbandonAsync(PullInbox? inbox, string? consumer)
    {
        if (inbox is not null)
        {
            await inbox.CloseAsync();
        }

        if (consumer is null || !_transport.Link.IsOpen)
        {
            return;
        }

        try
        {
            await _transport.Api.FindAsync(
                async (js, token) => (object)await js.DeleteConsumerAsync(_stream.StreamName, consumer, token), _transport.Link.Closing);
        }
        catch (Exception exception) when (exception is BrokerException or OperationCanceledException or ObjectDisposedException)
        {
            // As above.
        }
    }
}

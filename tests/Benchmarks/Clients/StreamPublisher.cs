using EventBroker.Protos.Broker.V1;

namespace Benchmarks.Clients;

/// <summary>Publishes by PublishStream, as fast as the server and the slowest subscriber take it.</summary>
internal sealed class StreamPublisher : IAsyncDisposable
{
    private const string Method = "/eventbroker.v1.BrokerService/PublishStream";
    private const int MessagesPerWrite = 64;

    private readonly PushContent _content = new();
    private readonly ReceivedCounter _accepted = new();
    private readonly CancellationTokenSource _closing = new();
    private readonly CancellationTokenSource _ended = new();
    private readonly byte[] _frame;
    private readonly byte[] _block;
    private readonly Task _reading;
    private long _sent;

    public StreamPublisher(GrpcConnection connection, string eventName)
    {
        var item = new PublishItem { Event = eventName, Payload = Google.Protobuf.ByteString.CopyFrom(SampleMessage.Payload) };
        foreach (var (key, value) in SampleMessage.Metadata)
            item.Metadata.Add(key, value);

        _frame = GrpcFrame.Of(item);
        _block = SampleMessage.Repeat(_frame, MessagesPerWrite);
        _reading = ReadProgressAsync(connection);
    }

    /// <summary>Publishes and returns when the server has accepted everything.</summary>
    /// <param name="count">How many messages.</param>
    /// <param name="window">How far it may run ahead of the server and of <paramref name="slowest"/>.</param>
    /// <param name="slowest">How many messages the slowest subscriber has received of all that this publisher ever sent.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public async Task PublishAsync(long count, int window, Func<long> slowest, CancellationToken cancellation)
    {
        // A call that has ended takes no more; the write to it may not notice.
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _ended.Token);
        try
        {
            await SendAsync(_sent + count, window, slowest, either.Token);
        }
        catch (OperationCanceledException fault)
        {
            if (_ended.IsCancellationRequested)
                await _accepted.WaitForAsync(long.MaxValue, cancellation);

            throw new TimeoutException($"Of {_sent} messages sent, {_accepted.Count} were accepted and {slowest()} received in time.", fault);
        }

        await _accepted.WaitForAsync(_sent, cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        _content.Complete();
        await _reading;
        _content.Dispose();
        _closing.Dispose();
        _ended.Dispose();
    }

    private async Task SendAsync(long end, int window, Func<long> slowest, CancellationToken cancellation)
    {
        var stream = await _content.Stream.WaitAsync(cancellation);
        while (_sent < end)
        {
            while (_sent - Math.Min(_accepted.Count, slowest()) >= window)
                await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, cancellation);

            var messages = (int)Math.Min(MessagesPerWrite, end - _sent);
            await stream.WriteAsync(_block.AsMemory(0, messages * _frame.Length), cancellation);
            await stream.FlushAsync(cancellation);
            _sent += messages;
        }
    }

    private async Task ReadProgressAsync(GrpcConnection connection)
    {
        try
        {
            using var response = await connection.StartAsync(Method, _content, _closing.Token);
            var stream = await response.Content.ReadAsStreamAsync(_closing.Token);
            var prefix = new byte[GrpcFrame.PrefixLength];
            while (await stream.ReadAtLeastAsync(prefix, prefix.Length, throwOnEndOfStream: false, _closing.Token) == prefix.Length)
            {
                var body = new byte[GrpcFrame.Length(prefix)];
                await stream.ReadExactlyAsync(body, _closing.Token);
                var progress = PublishProgress.Parser.ParseFrom(body);
                if (progress.Failures.Count > 0)
                    throw new InvalidOperationException($"A message was refused: {progress.Failures[0].Message}");

                _accepted.Add(progress.Count - _accepted.Count);
            }

            GrpcConnection.ThrowIfFailed(Method, response.StatusCode, response.TrailingHeaders);
            throw new InvalidOperationException("The server has ended the publish stream.");
        }
        catch (Exception fault)
        {
            // Whoever publishes gets it; after disposal nobody does.
            _accepted.Fail(fault);
            _content.Fail(fault);
            await _ended.CancelAsync();
        }
    }
}

using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using EventBroker.Protos.Broker.V1;
using Grpc.Core;

namespace EventBroker.Client.Publishing;

/// <summary>The call below a publish stream: frames of gRPC over the connection that all calls share. The library writes each message by itself,
/// which costs as much as a call of its own; here all that has gathered goes in one write.</summary>
internal sealed class PublishCall : IDisposable
{
    /// <summary>How long the header of a frame is: a byte that says that it is not compressed, and four of length.</summary>
    public const int HeaderLength = 5;

    private const string Path = "/eventbroker.v1.BrokerService/PublishStream";

    private readonly CancellationTokenSource _ended = new();
    private readonly FramesContent _content = new();
    private readonly Task<HttpResponseMessage> _answering;
    private byte[] _buffer = new byte[4096];
    private HttpResponseMessage? _response;
    private Stream? _answers;
    private int _start;
    private int _end;

    private PublishCall(HttpMessageInvoker http, Uri address, Metadata headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(address, Path))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = _content,
        };
        request.Headers.TryAddWithoutValidation("te", "trailers");
        foreach (var header in headers)
        {
            request.Headers.TryAddWithoutValidation(header.Key, header.Value);
        }

        _answering = http.SendAsync(request, _ended.Token);

        // It may fail before anybody looks.
        _ = _answering.ContinueWith(
            static failed => failed.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
    }

    /// <summary>Gets whether this side has ended it.</summary>
    public bool IsCut => _ended.IsCancellationRequested;

    public static PublishCall Start(HttpMessageInvoker http, Uri address, Metadata headers) => new(http, address, headers);

    /// <summary>Sends frames.</summary>
    /// <exception cref="RpcException">The call is over.</exception>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> frames)
    {
        try
        {
            var stream = await OpenedAsync().ConfigureAwait(false);
            await stream.WriteAsync(frames, _ended.Token).ConfigureAwait(false);
            await stream.FlushAsync(_ended.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (IsBroken(exception))
        {
            throw Broken(exception);
        }
    }

    /// <summary>Says that nothing more is sent.</summary>
    public void Complete() => _content.Complete();

    /// <summary>Waits for the next answer.</summary>
    /// <returns>Null if the broker has ended the call without an error.</returns>
    /// <exception cref="RpcException">It has ended it with one, or the connection broke.</exception>
    public async ValueTask<PublishProgress?> ReadAsync()
    {
        try
        {
            var answers = _answers ??= await AnsweredAsync().ConfigureAwait(false);
            while (true)
            {
                if (TryTake() is { } progress)
                {
                    return progress;
                }

                var read = await answers.ReadAsync(_buffer.AsMemory(_end), _ended.Token).ConfigureAwait(false);
                if (read == 0)
                {
                    ThrowIfRefused(_response!.TrailingHeaders);
                    return null;
                }

                _end += read;
            }
        }
        catch (Exception exception) when (IsBroken(exception))
        {
            throw Broken(exception);
        }
    }

    /// <summary>Gets what the headers of the answer say, once there is one.</summary>
    public Metadata Headers()
    {
        var headers = new Metadata();
        foreach (var (name, values) in _response!.Headers.NonValidated)
        {
            if (!name.EndsWith("-bin", StringComparison.OrdinalIgnoreCase))
            {
                headers.Add(name, values.ToString());
            }
        }

        return headers;
    }

    /// <summary>Ends the call.</summary>
    public void Cut()
    {
        _ = _ended.CancelAsync();
        _content.Complete();
    }

    /// <summary>Gives back what it holds, once it has been read to its end. Cutting it is allowed even then.</summary>
    public void Dispose()
    {
        _content.Complete();
        _content.Dispose();
        _response?.Dispose();
    }

    // There is a stream to write to once the connection is made; where none is, that is how the call ends.
    private async ValueTask<Stream> OpenedAsync()
    {
        if (!_content.Stream.IsCompleted)
        {
            await Task.WhenAny(_content.Stream, _answering).ConfigureAwait(false);
            if (!_content.Stream.IsCompleted)
            {
                await _answering.ConfigureAwait(false);
                throw new IOException("the call has ended before anything was sent");
            }
        }

        return await _content.Stream.ConfigureAwait(false);
    }

    private async ValueTask<Stream> AnsweredAsync()
    {
        _response = await _answering.ConfigureAwait(false);
        ThrowIfRefused(_response.Headers);
        return await _response.Content.ReadAsStreamAsync(_ended.Token).ConfigureAwait(false);
    }

    private PublishProgress? TryTake()
    {
        var length = HeaderLength;
        if (_end - _start >= HeaderLength)
        {
            length += BinaryPrimitives.ReadInt32BigEndian(_buffer.AsSpan(_start + 1));
            if (_end - _start >= length)
            {
                var progress = PublishProgress.Parser.ParseFrom(_buffer.AsSpan(_start + HeaderLength, length - HeaderLength));
                _start += length;
                return progress;
            }
        }

        // Room for the rest of it.
        if (_buffer.Length - _start < length)
        {
            var larger = length > _buffer.Length ? new byte[length * 2] : _buffer;
            _buffer.AsSpan(_start, _end - _start).CopyTo(larger);
            (_buffer, _start, _end) = (larger, 0, _end - _start);
        }

        return null;
    }

    private static void ThrowIfRefused(System.Net.Http.Headers.HttpHeaders headers)
    {
        if (headers.NonValidated.TryGetValues("grpc-status", out var status) && status.ToString() is var text && text != "0")
        {
            var code = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? (StatusCode)number : StatusCode.Unknown;
            headers.NonValidated.TryGetValues("grpc-message", out var message);
            throw new RpcException(new Status(code, Uri.UnescapeDataString(message.ToString())));
        }
    }

    private static bool IsBroken(Exception exception) =>
        exception is HttpRequestException or IOException or OperationCanceledException or ObjectDisposedException;

    private static RpcException Broken(Exception exception) => new(new Status(StatusCode.Unavailable, exception.Message, exception));

    // Hands out the stream of the request, and ends when that does.
    private sealed class FramesContent : HttpContent
    {
        private readonly TaskCompletionSource<Stream> _stream = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _completed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public FramesContent() => Headers.TryAddWithoutValidation("Content-Type", "application/grpc");

        public Task<Stream> Stream => _stream.Task;

        public void Complete() => _completed.TrySetResult();

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            // The headers alone, so that the connection is seen to be there.
            await stream.FlushAsync(cancellationToken).ConfigureAwait(false);
            _stream.TrySetResult(stream);
            await _completed.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}

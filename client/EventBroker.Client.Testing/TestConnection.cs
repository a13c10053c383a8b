namespace EventBroker.Client.Testing;

/// <summary>The connections to a broker, which a test may cut: then nothing gets through, and what was under way fails.</summary>
internal sealed class TestConnection : IDisposable
{
    private readonly Lock _lock = new();
    private CancellationTokenSource _cut = new();

    private CancellationToken Cutting
    {
        get
        {
            lock (_lock)
            {
                return _cut.Token;
            }
        }
    }

    public void Cut()
    {
        CancellationTokenSource cut;
        lock (_lock)
        {
            cut = _cut;
        }

        cut.Cancel();
    }

    public void Restore()
    {
        lock (_lock)
        {
            if (_cut.IsCancellationRequested)
            {
                _cut = new CancellationTokenSource();
            }
        }
    }

    /// <summary>Makes a connection.</summary>
    public HttpMessageHandler Connect(HttpMessageHandler server) => new Handler(server, this);

    public void Dispose() => _cut.Dispose();

    private static HttpRequestException Lost(Exception? cause = null) =>
        new(HttpRequestError.ConnectionError, "the test has cut the connection", cause);

    private sealed class Handler(HttpMessageHandler server, TestConnection connection) : DelegatingHandler(server)
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var cut = connection.Cutting;
            if (cut.IsCancellationRequested)
            {
                throw Lost();
            }

            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, cut);
            try
            {
                var response = await base.SendAsync(request, either.Token).ConfigureAwait(false);
                var content = response.Content;
                response.Content = new StreamContent(new Answer(await content.ReadAsStreamAsync(cut).ConfigureAwait(false), cut));
                foreach (var (name, values) in content.Headers)
                {
                    response.Content.Headers.TryAddWithoutValidation(name, values);
                }

                return response;
            }
            catch (OperationCanceledException exception) when (cut.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                throw Lost(exception);
            }
        }
    }

    /// <summary>What comes back, until the cut.</summary>
    private sealed class Answer(Stream inner, CancellationToken cut) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, cut);
            try
            {
                return await inner.ReadAsync(buffer, either.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException exception) when (cut.IsCancellationRequested)
            {
                throw new IOException("the test has cut the connection", exception);
            }
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush() => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            inner.Dispose();
            base.Dispose(disposing);
        }
    }
}

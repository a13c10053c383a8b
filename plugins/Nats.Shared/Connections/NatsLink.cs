using EventBroker.Nats.Settings;
using EventBroker.Sdk.Errors;
using Microsoft.Extensions.Logging;
using NATS.Client.Core;

namespace EventBroker.Nats.Connections;

/// <summary>The one connection of a transport: made in the background, kept for as long as the transport lives.</summary>
internal sealed class NatsLink : IAsyncDisposable
{
    public const string OutOfReach = "NATS is out of reach";

    // How long a call waits while there is no connection: long enough for the next attempt to connect, which another server may meet.
    private static readonly TimeSpan Patience = NatsOptions.LongestReconnectWait * 2;

    private readonly CancellationTokenSource _closing = new();
    private readonly ILogger _logger;
    private readonly Reach _reach;
    private readonly Lock _gate = new();
    private TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _firstOpened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CancellationTokenSource _whileOpen = new();
    private Task _connecting = Task.CompletedTask;
    private string _lastFailure = "no connection yet";
    private volatile bool _isClosed;

    private NatsLink(NatsSettings settings, TimeProvider time, ILogger logger)
    {
        Settings = settings;
        Time = time;
        _logger = logger;
        _reach = new Reach(string.Join(", ", settings.Servers), time, logger);
        Closing = _closing.Token;
        Connection = new NatsConnection(NatsOptions.Create(settings));
        Connection.ConnectionOpened += OnOpenedAsync;
        Connection.ConnectionDisconnected += OnDisconnectedAsync;
        Connection.LameDuckModeActivated += OnLameDuckAsync;
        Connection.ServerError += OnServerErrorAsync;
    }

    /// <summary>Raised when the connection is there, the first time or again: what was asked for over the one before is gone.</summary>
    public event EventHandler? Opened;

    /// <summary>Raised when the connection is lost.</summary>
    public event EventHandler? Lost;

    public NatsConnection Connection { get; }

    public NatsSettings Settings { get; }

    public TimeProvider Time { get; }

    public bool IsOpen => Connection.ConnectionState == NatsConnectionState.Open;

    public bool IsClosed => _isClosed;

    /// <summary>Gets what is canceled when the connection of now is lost.</summary>
    public CancellationToken WhileOpen => _whileOpen.Token;

    /// <summary>Gets a task that ends with the first connection; canceled if there never is one.</summary>
    public Task FirstOpened => _firstOpened.Task;

    /// <summary>Gets what is canceled when the link closes, also long after it has.</summary>
    public CancellationToken Closing { get; }

    /// <summary>Gets the most bytes that a message with its headers may have.</summary>
    public int MaxPayload => Connection.ServerInfo?.MaxPayload ?? int.MaxValue;

    /// <summary>Begins to connect, and waits for as long as the settings say.</summary>
    /// <exception cref="BrokerException">The servers refuse who this broker is: waiting would not help.</exception>
    public static async Task<NatsLink> StartAsync(
        NatsSettings settings, TimeProvider time, ILogger logger, CancellationToken cancellationToken)
    {
        var link = new NatsLink(settings, time, logger);
        link._connecting = Task.Run(link.ConnectAsync, CancellationToken.None);
        using var timeout = new CancellationTokenSource(settings.StartTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            await await Task.WhenAny(link._opened.Task, link._connecting).WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            link._reach.Failed(link._lastFailure);
        }
        catch
        {
            await link.DisposeAsync();
            throw;
        }

        return link;
    }

    /// <summary>Gets a subject that nobody else uses, for answers. Not one of the client's own (<c>NewInbox</c>), which it listens to by itself.</summary>
    public string NewInbox() => $"{Connection.Opts.InboxPrefix}.eb{Guid.NewGuid():n}";

    /// <summary>Waits a moment for the connection where there is none.</summary>
    /// <exception cref="BrokerException">There is none.</exception>
    public ValueTask EnsureOpenAsync(CancellationToken cancellationToken)
    {
        if (_isClosed)
        {
            throw BrokerErrors.TransportClosed();
        }

        return IsOpen ? default : WaitAsync(cancellationToken);
    }

    /// <summary>Makes the error of a call that met no connection, and says so in the log.</summary>
    public BrokerException Unreachable(Exception? cause = null)
    {
        if (_isClosed)
        {
            return BrokerErrors.TransportClosed();
        }

        _reach.Failed(_lastFailure);
        return cause is null
            ? new BrokerException(BrokerErrorCode.Unavailable, OutOfReach)
            : new BrokerException(BrokerErrorCode.Unavailable, OutOfReach, cause);
    }

    /// <summary>Measures how long the server takes to answer.</summary>
    /// <exception cref="BrokerException">There is no connection, or it broke meanwhile, or there was no answer in time.</exception>
    public async ValueTask<TimeSpan> PingAsync(CancellationToken cancellationToken)
    {
        await EnsureOpenAsync(cancellationToken);
        try
        {
            return await Connection.PingAsync(cancellationToken).AsTask().WaitAsync(Settings.RequestTimeout, Time, cancellationToken);
        }
        catch (Exception exception) when (
            exception is NatsException or TimeoutException or ObjectDisposedException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw Unreachable(exception);
        }
    }

    /// <summary>Waits until everything that was sent so far has reached the server, and what it sent before is here.</summary>
    public async ValueTask FlushAsync(CancellationToken cancellationToken) => await Connection.PingAsync(cancellationToken);

    public void LogServerError(string error) => NatsLog.ServerError(_logger, error);

    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (_isClosed)
            {
                return;
            }

            _isClosed = true;
        }

        await _closing.CancelAsync();
        _firstOpened.TrySetCanceled();
        await Connection.DisposeAsync();
        try
        {
            await _connecting;
        }
        catch (Exception exception) when (exception is OperationCanceledException or BrokerException or NatsException or ObjectDisposedException)
        {
            // It was still trying.
        }

        _closing.Dispose();
    }

    private async ValueTask WaitAsync(CancellationToken cancellationToken)
    {
        Task opened;
        lock (_gate)
        {
            opened = _opened.Task;
        }

        if (IsOpen)
        {
            return;
        }

        try
        {
            await opened.WaitAsync(Patience, Time, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw Unreachable();
        }
    }

    // The client itself keeps up a connection once there was one; the first one is this loop's.
    private async Task ConnectAsync()
    {
        var refusals = 0;
        while (!_closing.IsCancellationRequested)
        {
            try
            {
                await Connection.ConnectAsync();
                return;
            }
            catch (NatsException exception)
            {
                var cause = exception.GetBaseException();
                _lastFailure = cause.Message.TrimEnd('.');

                // A second time, since a server that has just started may not know everybody yet.
                if (cause is NatsServerException { IsAuthError: true } && ++refusals > 1 && Settings.Servers.Count <= refusals)
                {
                    throw new BrokerException(
                        BrokerErrorCode.Unauthenticated,
                        $"the NATS server at {string.Join(", ", Settings.Servers)} refuses to let this broker in ({_lastFailure}): "
                        + "look at user and password, token, nKeySeed, credentialsFile or the client certificate in the transport's settings",
                        exception);
                }
            }

            await Task.Delay(NatsOptions.LongestReconnectWait, Time, _closing.Token);
        }
    }

    private ValueTask OnOpenedAsync(object? sender, NatsEventArgs args)
    {
        lock (_gate)
        {
            _opened.TrySetResult();
        }

        _firstOpened.TrySetResult();
        var server = Connection.ServerInfo;
        _reach.Worked(server is null ? args.Message : $"{server.Host}:{server.Port}", server?.Version ?? "");
        Opened?.Invoke(this, EventArgs.Empty);
        return default;
    }

    private ValueTask OnDisconnectedAsync(object? sender, NatsEventArgs args)
    {
        lock (_gate)
        {
            if (_opened.Task.IsCompleted)
            {
                _opened = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }

        // Whoever waits on it ends, and who comes later waits for the next.
        Interlocked.Exchange(ref _whileOpen, new CancellationTokenSource()).Cancel();
        if (!_isClosed)
        {
            _lastFailure = "the connection was lost";
            _reach.Failed(_lastFailure);
            Lost?.Invoke(this, EventArgs.Empty);
        }

        return default;
    }

    private ValueTask OnLameDuckAsync(object? sender, NatsLameDuckModeActivatedEventArgs args)
    {
        NatsLog.LameDuck(_logger, Connection.ServerInfo?.Name ?? args.Message);
        return default;
    }

    private ValueTask OnServerErrorAsync(object? sender, NatsServerErrorEventArgs args)
    {
        if (!_isClosed)
        {
            NatsLog.ServerError(_logger, args.Error);
        }

        return default;
    }
}

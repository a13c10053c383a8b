using System.Diagnostics.Metrics;
using System.Text.Json;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Local;
using EventBroker.Transport.Local.Places;
using EventBroker.Transport.Log.Places;
using EventBroker.Transport.Log.Storage;
using EventBroker.Transport.Log.Writing;
using EventBroker.Transport.Log.Writing.Operations;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace EventBroker.Transport.Log;

/// <summary>Keeps events in a log on the local disk: one SQLite file, one writer with group commit, any number of readers.</summary>
public sealed partial class LogTransport : ITransport
{
    private static readonly HashSet<EventOption> KnownOptions =
    [
        EventOption.Retention, EventOption.MaxBytes, EventOption.MaxMessages, EventOption.MaxMessageBytes, EventOption.DeduplicationWindow,
    ];

    private readonly LocalState _state;
    private readonly LogSettings _settings;
    private readonly LogDirectory _directory;
    private readonly LogEvents _events;
    private readonly LogFiles _files;
    private readonly WriteContext _context;
    private readonly Reserve _reserve;
    private readonly Checkpointer _checkpointer;
    private readonly Housekeeping _housekeeping;
    private int _isClosed;

    private LogTransport(LocalState state, LogSettings settings, LogDirectory directory)
    {
        _state = state;
        _settings = settings;
        _directory = directory;
        _events = new LogEvents(state, settings);
        SqliteConnection? connection = null;
        BatchReader? reader = null;
        try
        {
            _reserve = new Reserve(directory.Reserve, settings.ReservedBytes.Bytes);
            _reserve.UseIfFull();
            connection = Database.OpenWriter(directory.Database, settings.Durability);
            reader = new BatchReader(directory.Database, state.Name);
            var clock = new LogClock(state.Clock, Loading.ReadClock(connection));
            _context = new WriteContext(connection, clock, _events.Records, settings.MaxTotalBytes.Bytes);
            if (_reserve.IsUsed)
            {
                // What the process before this one has left in the write-ahead log takes the room that loading needs.
                Checkpointer.TryRestart(_context);
            }

            var counts = HandedOverFile.Read(directory.HandedOver);
            _files = new LogFiles(clock, reader, new HandedOverFile(directory.HandedOver + ".new"));
            _events.Files = _files;
            new Loading(connection, _events, _files, _context).Run(counts);
            _files.HandedOver.Replace(directory.HandedOver);
            _reserve.TryKeep();
            _checkpointer = new Checkpointer(directory, settings.ReservedBytes.Bytes);
            _files.Writer = new LogWriter(state.Name, _context, _reserve, _checkpointer);
            _housekeeping = new Housekeeping(state, _events, _files, _reserve);
        }
        catch
        {
            _checkpointer?.Dispose();
            _files?.HandedOver.Dispose();
            reader?.Dispose();
            connection?.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public TransportCapabilities Capabilities { get; } = new(
        DeliveryGuarantee.AtLeastOnce,
        TransportCapability.Durable,
        TransportCapability.ReplayFromBeginning,
        TransportCapability.ReplayFromTimestamp,
        TransportCapability.ReplayFromCursor,
        TransportCapability.WorkerGroups,
        TransportCapability.Broadcast,
        TransportCapability.ConsumerResume,
        TransportCapability.Redelivery,
        TransportCapability.RedeliveryDelay,
        TransportCapability.Ordering,
        TransportCapability.MaxAge,
        TransportCapability.LatestOnly,
        TransportCapability.Deduplication,
        TransportCapability.EventListing,
        TransportCapability.EventDescription,
        TransportCapability.Seek)
    {
        MaxCursorLength = Position.MaxTextLength,
        EventOptions = KnownOptions,
    };

    /// <summary>Opens a log, making it if it does not exist.</summary>
    /// <param name="name">The transport's name, for errors and metrics.</param>
    /// <param name="settings">Where it is, what it keeps, and for how long.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="meter">Gets the counters <c>eventbroker.log.missed</c>, <c>.expired_groups</c>, <c>.forgotten_consumers</c> and
    /// <c>.refused_redeliveries</c>.</param>
    /// <param name="logger">The logger.</param>
    /// <returns>The transport, with everything that a process before this one has left.</returns>
    /// <exception cref="BrokerException">The folder can't be used, is in use, or its file is damaged or of a newer broker; the message says
    /// which and what to do.</exception>
    public static LogTransport Open(string name, LogSettings settings, TimeProvider timeProvider, Meter meter, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(timeProvider);
        ArgumentNullException.ThrowIfNull(meter);
        var limits = new PlaceLimits
        {
            MaxGroupsPerEvent = settings.MaxGroupsPerEvent,
            MaxConsumersPerEvent = settings.MaxConsumersPerEvent,
            GroupExpiry = settings.GroupExpiry,
            MaxWaitingBytes = settings.MaxWaitingBytes.Bytes,
        };
        var directory = LogDirectory.Take(settings.Directory, timeProvider);
        try
        {
            return new LogTransport(new LocalState(name, "log", limits, timeProvider, meter, logger), settings, directory);
        }
        catch (Exception failure) when (failure is SqliteException or InvalidDataException or IOException)
        {
            directory.Dispose();
            throw new BrokerException(BrokerErrorCode.FailedPrecondition, DescribeOpenFailure(directory.Database, failure), failure);
        }
        catch
        {
            directory.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask RegisterAsync(string eventName, EventOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        foreach (var option in options.GetSet())
        {
            if (!KnownOptions.Contains(option))
            {
                throw BrokerErrors.OptionNotSupported(
                    _state.Name,
                    JsonNamingPolicy.SnakeCaseLower.ConvertName(option.ToString()),
                    "it knows retention, the bounds of size and the deduplication window only");
            }
        }

        var operation = new RegisterOperation(_events, eventName, options);
        _files.Writer.Enqueue(operation);
        await operation.Task.WaitAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask UnregisterAsync(string eventName, CancellationToken cancellationToken)
    {
        var operation = new UnregisterOperation(_events, eventName);
        _files.Writer.Enqueue(operation);
        await operation.Task.WaitAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyCollection<string>> ListAsync(CancellationToken cancellationToken)
    {
        ThrowIfClosed();
        return ValueTask.FromResult(_events.Names);
    }

    /// <inheritdoc/>
    public ValueTask<EventDescription> DescribeAsync(string eventName, CancellationToken cancellationToken) =>
        ValueTask.FromResult(Find(eventName).Describe());

    /// <inheritdoc/>
    public ValueTask SeekAsync(string eventName, SeekRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return Find(eventName).SeekAsync(request);
    }

    /// <inheritdoc/>
    public ValueTask<ITransportSubscription> SubscribeAsync(
        string eventName, SubscribeOptions options, ISubscriber subscriber, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(subscriber);
        return Find(eventName).SubscribeAsync(options, subscriber);
    }

    /// <inheritdoc/>
    public async ValueTask<PublishReceipt> PublishAsync(string eventName, TransportMessage message, CancellationToken cancellationToken)
    {
        var target = Find(eventName);
        if (target.Refuse(message) is { } refusal)
        {
            throw refusal;
        }

        var operation = new AppendOperation(target, message);
        _files.Writer.Enqueue(operation);
        return await operation.Task.WaitAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask PublishAsync(string eventName, PublishBatch batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        var operation = new AppendBatchOperation(Find(eventName), batch);
        _files.Writer.Enqueue(operation);
        var receipts = await operation.Task.WaitAsync(cancellationToken);
        for (var i = 0; i < receipts.Length; i++)
        {
            if (receipts[i] is { } receipt)
            {
                batch.Accept(i, receipt);
            }
            else if (operation.GetRefusal(i) is { } refusal)
            {
                batch.Fail(i, refusal);
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isClosed, 1) != 0)
        {
            return;
        }

        await _housekeeping.DisposeAsync();
        foreach (var entry in _events.All)
        {
            entry.End(BrokerErrors.TransportClosed, BrokerErrors.TransportClosed);
        }

        // The writer ends with what was handed to it.
        await Task.Run(_files.Writer.Dispose);
        _files.HandedOver.Dispose();
        _files.Reader.Dispose();
        _checkpointer.Dispose();
        _context.Close();
        _directory.Dispose();
    }

    /// <summary>Does at once what is done from time to time. For tests.</summary>
    internal Task HousekeepAsync() => _housekeeping.RunNowAsync();

    private static string DescribeOpenFailure(string path, Exception failure) => failure switch
    {
        InvalidDataException refused => $"the log '{path}' can't be opened: {refused.Message}",
        SqliteException damage when damage.IsDamage() =>
            $"the log '{path}' is damaged ({damage.Message}); see docs/log.md for how to check it and save what is readable",
        SqliteException full when full.IsFull() => $"the log '{path}' can't be opened because its disk is full; make some room first",
        _ => $"the log '{path}' can't be opened: {failure.Message}",
    };

    private LogEvent Find(string eventName)
    {
        // Looked for before: what is found afterwards is perhaps too late for whoever closes all.
        var found = _events.Find(eventName);
        ThrowIfClosed();
        return found ?? throw BrokerErrors.EventNotRegistered();
    }

    private void ThrowIfClosed()
    {
        if (Volatile.Read(ref _isClosed) != 0)
        {
            throw BrokerErrors.TransportClosed();
        }
    }
}

using System.Globalization;
using EventBroker.Sdk.Transports;

namespace EventBroker.Transport.Log;

public sealed partial class LogTransport
{
    /// <inheritdoc/>
    public ValueTask<TransportHealth> CheckHealthAsync(CancellationToken cancellationToken)
    {
        long messages = 0;
        long bytes = 0;
        var subscriptions = 0;
        var events = 0;
        foreach (var entry in _events.All)
        {
            entry.Log.Count(out var ofEvent, out var bytesOfEvent);
            messages += ofEvent;
            bytes += bytesOfEvent;
            subscriptions += entry.SubscriptionCount;
            events++;
        }

        var metrics = _state.Metrics;
        (string Name, long Value)[] figures =
        [
            ("events", events),
            ("retained_messages", messages),
            ("retained_bytes", bytes),
            ("file_bytes", LengthOf(_directory.Database)),
            ("write_ahead_bytes", LengthOf(_directory.WriteAheadLog)),
            ("free_disk_bytes", FreeBytes()),
            ("cached_bytes", _events.Cache.Held),
            ("waiting_bytes", _state.Waiting.Held),
            ("remembered_ids", _events.Ids.Count),
            ("forgotten_ids", _events.Ids.Forgotten),
            ("subscriptions", subscriptions),
            ("commits", _files.Writer.Commits),
            ("clock_offset_seconds", _files.Clock.Offset / TimeSpan.TicksPerSecond),
            ("missed", metrics.Missed),
            ("expired_groups", metrics.ExpiredGroups),
            ("forgotten_consumers", metrics.ForgottenConsumers),
            ("refused_redeliveries", metrics.RefusedRedeliveries),
            ("lost_counts", _files.HandedOver.Lost),
        ];
        var details = figures.ToDictionary(static f => f.Name, static f => f.Value.ToString(CultureInfo.InvariantCulture));
        details["directory"] = _directory.Path;
        details["durability"] = _settings.Durability == Durability.Full
            ? "full: what was answered survives a power failure"
            : "relaxed: what was answered survives the end of the process; a power failure may take the last seconds";
        var (status, message) = Judge();
        return ValueTask.FromResult(new TransportHealth { Status = status, Message = message, Details = details });
    }

    // None where the folder is gone: then the status says so.
    private long FreeBytes() => Directory.Exists(_directory.Path) ? new DriveInfo(_directory.Path).AvailableFreeSpace : 0;

    private static long LengthOf(string path) => new FileInfo(path) is { Exists: true } file ? file.Length : 0;

    private (TransportHealthStatus Status, string Message) Judge() =>
        Volatile.Read(ref _isClosed) != 0 ? (TransportHealthStatus.Unhealthy, "the transport is closed")
        : _files.Writer.LastFailure is IOException gone ? (TransportHealthStatus.Unhealthy, gone.Message)
        : _reserve.IsUsed ? (TransportHealthStatus.Degraded, "the disk is full: publishes are refused, everything else goes on")
        : _files.Writer.LastFailure is { } failure ? (TransportHealthStatus.Unhealthy, "the last write failed: " + failure.Message)
        : (TransportHealthStatus.Healthy, "");
}

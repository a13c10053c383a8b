using System.Diagnostics.Metrics;
using EventBroker.Sdk.Conformance.Transports;
using EventBroker.Sdk.Transports;
using Microsoft.Extensions.Logging.Abstractions;

namespace EventBroker.Transport.Log.Tests;

public sealed class LogTransportFixture : TransportFixture, IDisposable
{
    private const int MaxMessages = 4_000;
    private const int DiskMebibytes = 512;

    private readonly SteppableClock _clock = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly Meter _meter = new("tests");
    private readonly TemporaryFolder _folder = new();

    // So that it can be filled; where nothing can be mounted, the machine's own disk, which stays as it is.
    private readonly SmallFileSystem? _disk = SmallFileSystem.TryMount(DiskMebibytes);
    private int _generation;

    public override TimeProvider Clock => _clock;

    public override bool IsEmbedded => true;

    public override string? ShowsLessBecause =>
        _disk is null ? "No file system could be mounted to be filled: run this test on Linux as root, outside of containers that forbid it." : null;

    public override TimeSpan LongestPassableTime => TimeSpan.MaxValue;

    private string Directory => _disk?.Combine($"log-{_generation}") ?? _folder.Combine($"log-{_generation}");

    public override ValueTask<ITransport> CreateAsync() =>
        ValueTask.FromResult<ITransport>(LogTransport.Open(
            "disk", new LogSettings { Directory = Directory, MaxMessagesPerEvent = MaxMessages }, _clock, _meter, NullLogger.Instance));

    public override async ValueTask<ITransport?> RestartAsync(ITransport transport)
    {
        ArgumentNullException.ThrowIfNull(transport);
        await transport.DisposeAsync();
        return await CreateAsync();
    }

    // The files as they are while the process runs are what is left of it when it is killed.
    public override async ValueTask<ITransport?> KillAsync(ITransport transport)
    {
        var before = Directory;
        _generation++;
        TemporaryFolder.Copy(before, Directory);
        return await CreateAsync();
    }

    public override ValueTask PassTimeAsync(TimeSpan time)
    {
        _clock.Advance(time);
        return ValueTask.CompletedTask;
    }

    public override ValueTask<bool> StepClockAsync(TimeSpan step)
    {
        _clock.Step(step);
        return ValueTask.FromResult(true);
    }

    public override ValueTask<bool> SetStorageFullAsync(ITransport transport, bool isFull)
    {
        if (isFull)
        {
            _disk?.Fill();
        }
        else
        {
            _disk?.MakeRoom();
        }

        return ValueTask.FromResult(_disk is not null);
    }

    public override async ValueTask<bool> LoseOldestAsync(ITransport transport, string eventName, int count)
    {
        ArgumentNullException.ThrowIfNull(transport);
        var batch = new PublishBatch();
        for (var i = 0; i < MaxMessages - 10 + count; i++)
        {
            batch.Add(new TransportMessage(default) { HasGeneratedId = true });
        }

        await transport.PublishAsync(eventName, batch, CancellationToken.None);
        return true;
    }

    public void Dispose()
    {
        _meter.Dispose();
        _disk?.Dispose();
        _folder.Dispose();
    }
}

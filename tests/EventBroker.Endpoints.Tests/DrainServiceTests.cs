using EventBroker.Endpoints.Hosting;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace EventBroker.Endpoints.Tests;

// How a broker stops: as a lame duck for 5 seconds, then 3 for streams to end; the broker itself would cut one after another 5.
public sealed class DrainServiceTests : IAsyncDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly FakeLog _log = new();
    private readonly EmbeddedBroker _broker;
    private readonly Readiness _readiness;

    public DrainServiceTests()
    {
        _broker = new EmbeddedBroker(_time);
        _readiness = new Readiness(_broker.Broker);
    }

    [Fact]
    public async Task It_serves_on_for_a_while_but_is_not_ready()
    {
        Assert.Equal((HealthStatus.Healthy, "ready"), await CheckAsync());

        var stopping = Drain().StoppingAsync(default);
        Assert.Equal((HealthStatus.Unhealthy, "draining"), await CheckAsync());
        await _broker.PublishAsync("m");
        await (await _broker.SubscribeAsync()).DisposeAsync();
        _time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.False(_broker.Broker.Draining.IsCancellationRequested);
        _time.Advance(TimeSpan.FromSeconds(0.1));
        await stopping;

        Assert.True(_broker.Broker.Draining.IsCancellationRequested);
        Assert.Contains(_log.Lines, static line => line.Contains("not ready any more", StringComparison.Ordinal));
        Assert.DoesNotContain(_log.Lines, static line => line.Contains("Not every stream", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_a_lame_ducks_time_it_drains_at_once()
    {
        await Drain(lameDuck: 0).StoppingAsync(default);

        Assert.True(_broker.Broker.Draining.IsCancellationRequested);
        Assert.DoesNotContain(_log.Lines, static line => line.Contains("not ready any more", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_stream_that_ends_in_time_is_waited_for()
    {
        var subscription = await _broker.SubscribeAsync();
        var stopping = Drain(lameDuck: 0).StoppingAsync(default);
        _time.Advance(TimeSpan.FromSeconds(2.9));
        Assert.False(stopping.IsCompleted);

        await subscription.DisposeAsync();
        await stopping;

        Assert.DoesNotContain(_log.Lines, static line => line.Contains("Not every stream", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_stream_that_does_not_end_is_left_to_the_server_and_told()
    {
        await using var subscription = await _broker.SubscribeAsync();
        var stopping = Drain(lameDuck: 0).StoppingAsync(default);

        _time.Advance(TimeSpan.FromSeconds(3));
        await stopping;

        Assert.Contains(_log.Lines, static line => line.Contains("Not every stream", StringComparison.Ordinal));
    }

    // By whoever runs it and by whoever has had enough of it, one beside the other or one after the other.
    [Fact]
    public async Task An_application_that_is_told_to_stop_again_waits_for_the_same_end()
    {
        var drain = Drain();
        Task[] both = [drain.StoppingAsync(default), drain.StoppingAsync(default)];
        _time.Advance(TimeSpan.FromSeconds(5));
        await Task.WhenAll(both);

        Assert.True(drain.StoppingAsync(default).IsCompletedSuccessfully);
        Assert.Single(_log.Lines, static line => line.Contains("not ready any more", StringComparison.Ordinal));
        Assert.Single(_log.Lines, static line => line.Contains("raining", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Who_has_no_time_when_telling_it_again_ends_the_wait_for_all()
    {
        await using var subscription = await _broker.SubscribeAsync();
        var drain = Drain();
        var stopping = drain.StoppingAsync(default);

        await drain.StoppingAsync(new CancellationToken(canceled: true));
        await stopping;

        Assert.True(_broker.Broker.Draining.IsCancellationRequested);
    }

    // Both waits end with it.
    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    public async Task The_applications_own_time_to_stop_goes_before(int lameDuck)
    {
        await using var subscription = await _broker.SubscribeAsync();
        using var over = new CancellationTokenSource();
        var stopping = Drain(lameDuck).StoppingAsync(over.Token);

        await over.CancelAsync();
        await stopping;

        Assert.True(_broker.Broker.Draining.IsCancellationRequested);
    }

    public ValueTask DisposeAsync() => _broker.DisposeAsync();

    private async Task<(HealthStatus, string?)> CheckAsync()
    {
        var result = await new BrokerHealthCheck(_readiness).CheckHealthAsync(new HealthCheckContext());
        return (result.Status, result.Description);
    }

    private DrainService Drain(int lameDuck = 5) => new(
        _broker.Broker,
        _readiness,
        Options.Create(new EventBrokerOptions { LameDuck = TimeSpan.FromSeconds(lameDuck), DrainTimeout = TimeSpan.FromSeconds(3) }),
        _time,
        _log.CreateLogger<DrainService>());
}

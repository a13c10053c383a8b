using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace EventBroker.Client.Bus.Tests;

public class HealthCheckTests
{
    [Fact]
    public async Task It_is_degraded_while_a_handler_is_cut_off_and_healthy_when_it_is_back()
    {
        await using var application = await StartAsync();
        Assert.Equal(HealthStatus.Healthy, (await CheckAsync(application)).Status);

        application.Wire.IsCut = static method => method == "Subscribe";
        application.Wire.BreakStreams();
        await application.Wire.WhenAsync("Subscribe cut", 2);
        var cut = await CheckAsync(application);
        application.Wire.IsCut = static _ => false;
        await application.Log.WhenAsync(5016);

        Assert.Equal(HealthStatus.Degraded, cut.Status);
        Assert.Contains("order.created", cut.Description, StringComparison.Ordinal);
        Assert.Equal(HealthStatus.Healthy, (await CheckAsync(application)).Status);
    }

    [Fact]
    public async Task A_handler_that_gave_up_as_configured_is_an_error_in_the_log_and_unhealthy()
    {
        await using var application = await StartAsync(maxRetries: 2);

        application.Wire.IsCut = static method => method == "Subscribe";
        application.Wire.BreakStreams();
        await application.Log.WhenAsync(5123);

        var ended = await CheckAsync(application);
        Assert.Equal(HealthStatus.Unhealthy, ended.Status);
        Assert.Contains("the subscription to order.created has ended", ended.Description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_handler_without_a_host_that_gave_up_is_unhealthy_until_it_is_disposed_of()
    {
        await using var application = await StartAsync(maxRetries: 1);
        var orders = application.Services.GetRequiredService<EventBus>().Event<Order>("order.shipped");
        await orders.RegisterAsync();
        var subscription = await orders.SubscribeAsync(static (_, _) => Task.CompletedTask);

        await orders.UnregisterAsync();
        await Assert.ThrowsAsync<EventBrokerException>(() => subscription.Completion);

        Assert.Equal(1, application.Log.Count(5013));
        Assert.Contains("order.shipped", (await CheckAsync(application)).Description, StringComparison.Ordinal);
        await subscription.DisposeAsync();
        Assert.Equal(HealthStatus.Healthy, (await CheckAsync(application)).Status);
    }

    private static Task<Application> StartAsync(int? maxRetries = null) => Application.StartAsync(
        static client => client.AddHandler<OrderHandler, Order>("order.created"),
        static services =>
        {
            services.AddScoped<Basket>();
            services.AddHealthChecks().AddEventBrokerClient();
        },
        maxRetries: maxRetries);

    private static async Task<HealthReportEntry> CheckAsync(Application application)
    {
        var report = await application.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();
        return report.Entries["eventbroker"];
    }
}

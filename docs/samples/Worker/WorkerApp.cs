using EventBroker.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace EventBroker.Samples.Worker;

public static class WorkerApp
{
    public static HostApplicationBuilder CreateBuilder(string[] args)
    {
        var builder = Host.CreateApplicationBuilder(args);
        builder.Services.Configure<RemoteTransportOptions>(builder.Configuration.GetSection("Broker"));
        builder.Services
            .AddEventBrokerClient(static options => options.Retry.MaxRetries = 5)
            .AddHandler<OrderHandler, Order>("order.created", static options =>
            {
                options.Subscription.WorkerGroup = "billing";
                options.Concurrency = 4;
            });
        builder.Services.AddSingleton<Invoices>();
        return builder;
    }
}

using EventBroker.Client;
using EventBroker.Client.Testing;
using EventBroker.Samples.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace EventBroker.FunctionalTests.Samples;

public sealed class WorkerSampleTests
{
    [Fact]
    public async Task The_worker_invoices_each_order_once_and_gives_back_what_it_can_not_invoice()
    {
        await using var broker = await TestBroker.StartAsync();
        var builder = WorkerApp.CreateBuilder([]);
        builder.Services.Configure<RemoteTransportOptions>(broker.Connect);
        using var worker = builder.Build();
        await broker.Transport.RegisterAsync("order.created");
        var orders = new EventBus(broker.Transport).Event<Order>("order.created");
        await worker.StartAsync();

        var first = await orders.PublishAsync(new Order("1", "teapot", 12.5m));
        var again = await orders.PublishAsync(new Order("1", "teapot", 12.5m));
        var refused = await orders.PublishAsync(new Order("2", "saucer", -1));

        await broker.WhenAckedAsync(first);
        await broker.WhenAckedAsync(again);
        Assert.Contains("price", (await broker.WhenNackedAsync(refused)).Reason, StringComparison.OrdinalIgnoreCase);
        Assert.Equal([new("1", 12.5m)], worker.Services.GetRequiredService<Invoices>().ByOrder);
        await worker.StopAsync();
    }
}

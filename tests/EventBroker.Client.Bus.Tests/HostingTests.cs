using System.Collections.Concurrent;
using EventBroker.Client.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EventBroker.Client.Bus.Tests;

public class HostingTests
{
    [Fact]
    public async Task A_handler_class_is_made_for_every_message_in_a_scope_of_its_own()
    {
        await using var application = await Application.StartAsync(
            static client => client.AddHandler<OrderHandler, Order>("order.created"),
            static services => services.AddScoped<Basket>());

        await application.Broker.WhenAckedAsync(await application.PublishAsync(new Order(1)));
        await application.Broker.WhenAckedAsync(await application.PublishAsync(new Order(2)));

        var baskets = application.Baskets.All.ToArray();
        Assert.Equal([1, 2], baskets.SelectMany(static b => b.Orders));
        Assert.NotSame(baskets[0], baskets[1]);
        Assert.All(baskets, static basket => Assert.True(basket.IsDisposed));
        Assert.Contains("order.created", await application.Broker.Transport.ListAsync());
    }

    [Fact]
    public async Task Handlers_have_options_and_middleware_that_comes_from_the_scope()
    {
        await using var application = await Application.StartAsync(
            static client => client
                .AddHandler<OrderHandler, Order>("order.created", static options => options.Subscription.WorkerGroup = "packers")
                .Use<ScopedMiddleware>()
                .ConfigureBus(static options => options.Use(static (context, next) =>
                {
                    context.Services!.GetRequiredService<Basket>().Orders.Enqueue(-2);
                    return next(context);
                })),
            static services => services.AddScoped<Basket>());

        await application.Broker.WhenAckedAsync(await application.PublishAsync(new Order(1)));

        Assert.Equal([-1, -2, 1], Assert.Single(application.Baskets.All).Orders);
    }

    [Fact]
    public async Task A_handler_class_that_throws_gives_the_message_back()
    {
        await using var application = await Application.StartAsync(
            static client => client.AddHandler<OrderHandler, Order>("order.created"),
            static services => services.AddScoped<Basket>());

        var nacked = await application.Broker.WhenNackedAsync(await application.PublishAsync(new Order(-1)));

        Assert.Equal("no such order", nacked.Reason);
    }

    [Fact]
    public async Task The_bus_of_the_application_gives_scopes_to_every_handler()
    {
        await using var application = await Application.StartAsync(static _ => { }, static services => services.AddScoped<Basket>());
        var orders = application.Services.GetRequiredService<EventBus>().Event<Order>("order.created");
        await orders.RegisterAsync();
        await using var subscription = await orders.SubscribeAsync((order, context) =>
        {
            context.Services!.GetRequiredService<Basket>().Orders.Enqueue(order.Number);
            return Task.CompletedTask;
        });

        await application.Broker.WhenAckedAsync(await orders.PublishAsync(new Order(4)));

        Assert.Equal([4], Assert.Single(application.Baskets.All).Orders);
    }

    [Fact]
    public async Task Without_a_broker_the_application_starts_and_the_handler_comes_when_the_broker_does()
    {
        await using var application = await Application.StartAsync(
            static client => client.AddHandler<OrderHandler, Order>("order.created"),
            static services => services.AddScoped<Basket>(),
            isCut: true);
        Assert.Equal(1, application.Log.Count(5121));

        await application.Wire.WhenAsync("Subscribe cut", 30);
        application.Wire.IsCut = static _ => false;
        await application.Wire.WhenAsync("Subscribe", 2);

        await application.Log.WhenAsync(5120);
        await application.Broker.WhenAckedAsync(await application.PublishAsync(new Order(1)));
        Assert.Empty(application.Log.Errors);
    }

    [Fact]
    public async Task A_handler_outlives_an_outage_longer_than_any_limit_and_misses_nothing()
    {
        await using var application = await Application.StartAsync(
            static client => client.AddHandler<OrderHandler, Order>("order.created"),
            static services => services.AddScoped<Basket>());
        await application.Broker.WhenAckedAsync(await application.PublishAsync(new Order(1)));

        application.Wire.IsCut = static method => method == "Subscribe";
        application.Wire.BreakStreams();
        await application.Wire.WhenAsync("Subscribe cut", 5);
        var missed = await application.PublishAsync(new Order(2));
        application.Wire.IsCut = static _ => false;

        await application.Broker.WhenAckedAsync(missed);
    }

    [Fact]
    public async Task A_refused_handler_is_an_error_and_the_others_go_on()
    {
        await using var application = await Application.StartAsync(
            static client => client
                .AddHandler<OrderHandler, Order>("order created, with blanks")
                .AddHandler<OrderHandler, Order>("order.created"),
            static services => services.AddScoped<Basket>());

        await application.Broker.WhenAckedAsync(await application.PublishAsync(new Order(1)));

        Assert.Equal(1, application.Log.Count(5123));
        Assert.False(application.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested);
    }

    [Fact]
    public async Task A_refusal_fails_the_start_where_that_is_asked_for()
    {
        var refused = await Assert.ThrowsAsync<EventBrokerException>(() => Application.StartAsync(
            static client => client
                .AddHandler<OrderHandler, Order>("missing")
                .ConfigureHost(static options =>
                {
                    options.RegisterEvents = false;
                    options.StopApplicationOnRefusal = true;
                }),
            static services => services.AddScoped<Basket>()));

        Assert.Equal(ErrorCode.NotFound, refused.Code);
    }

    [Fact]
    public async Task A_later_refusal_stops_the_application_where_that_is_asked_for()
    {
        await using var application = await Application.StartAsync(
            static client => client
                .AddHandler<OrderHandler, Order>("missing")
                .ConfigureHost(static options =>
                {
                    options.RegisterEvents = false;
                    options.StopApplicationOnRefusal = true;
                }),
            static services => services.AddScoped<Basket>(),
            isCut: true);
        var stopping = new TaskCompletionSource();
        application.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(stopping.SetResult);

        application.Wire.IsCut = static _ => false;

        await stopping.Task;
        Assert.Equal(1, application.Log.Count(5123));
    }

    [Fact]
    public async Task When_the_application_stops_its_handlers_finish()
    {
        await using var application = await Application.StartAsync(
            static client => client.AddHandler<OrderHandler, Order>("order.created"),
            static services => services.AddScoped<Basket>());
        var gate = application.Baskets.Gate = new TaskCompletionSource();
        var id = await application.PublishAsync(new Order(1));
        await application.Baskets.WhenEnteredAsync();

        var stopping = application.StopAsync(CancellationToken.None);
        Assert.False(stopping.IsCompleted);
        gate.SetResult();
        await stopping;

        await application.Broker.WhenAckedAsync(id);
    }

    [Fact]
    public async Task When_the_time_to_stop_is_over_its_handlers_are_cancelled()
    {
        await using var application = await Application.StartAsync(
            static client => client.AddHandler<OrderHandler, Order>("order.created"),
            static services => services.AddScoped<Basket>());
        application.Baskets.Gate = new TaskCompletionSource();
        await application.PublishAsync(new Order(1));
        await application.Baskets.WhenEnteredAsync();

        await application.StopAsync(new CancellationToken(canceled: true));

        Assert.Equal(1, application.Log.Count(5103));
        Assert.Empty(application.Log.Errors);
    }

    [Fact]
    public async Task Bad_options_stop_the_start_and_all_their_faults_are_named()
    {
        var builder = Host.CreateEmptyApplicationBuilder(settings: null);
        builder.Services.AddEventBrokerClient(static options => options.Retry.MaxRetries = -1);
        using var host = builder.Build();

        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());

        Assert.Contains("Address", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Retry.MaxRetries", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bad_options_of_a_handler_stop_the_start()
    {
        var builder = Host.CreateEmptyApplicationBuilder(settings: null);
        builder.Services
            .AddEventBrokerClient(static options => options.Address = new Uri("http://127.0.0.1:1"))
            .AddHandler<OrderHandler, Order>("order.created", static options => options.Concurrency = 0);
        using var host = builder.Build();

        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());

        Assert.Contains("order.created: Concurrency", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Adding_the_client_twice_makes_one()
    {
        var services = new ServiceCollection();
        services.AddEventBrokerClient(static options => options.Address = new Uri("http://127.0.0.1:1"));
        services.AddEventBrokerClient();
        await using var provider = services.BuildServiceProvider();

        Assert.Single(provider.GetServices<RemoteTransport>());
        Assert.Single(provider.GetServices<EventBus>());
        Assert.Single(services, static s => s.ServiceType == typeof(IHostedService));
    }
}

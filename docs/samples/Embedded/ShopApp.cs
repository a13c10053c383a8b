using System.Diagnostics.Metrics;
using EventBroker.Broker;
using EventBroker.Broker.Routing;
using EventBroker.Endpoints;
using EventBroker.Sdk.Authorization;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Memory;
using Microsoft.AspNetCore.Authentication;

namespace EventBroker.Samples.Embedded;

/// <summary>A shop that takes orders over its own API and lets others subscribe to them through a broker in its own process.</summary>
public static class ShopApp
{
    public static WebApplication Create(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);

        // What the application had before: its own authentication and its own services.
        builder.Services.AddAuthentication(KeyAuthentication.Scheme)
            .AddScheme<AuthenticationSchemeOptions, KeyAuthentication>(KeyAuthentication.Scheme, configureOptions: null);
        builder.Services.AddAuthorization();
        builder.Services.AddSingleton<Orders>();

        // The broker: a transport in memory, and the application's own say in who may do what.
        builder.Services.AddSingleton<IAuthorizer, ShopAuthorizer>();
        builder.Services.AddSingleton<ITransport>(static services => new MemoryTransport(
            "shop",
            new MemorySettings { Retention = TimeSpan.FromHours(1) },
            TimeProvider.System,
            services.GetRequiredService<IMeterFactory>().Create("Shop.Events"),
            services.GetRequiredService<ILogger<MemoryTransport>>()));
        builder.Services.AddEventBroker(static options => options.Setup = static services => new BrokerSetup
        {
            Transports = new Dictionary<string, ITransport> { ["shop"] = services.GetRequiredService<ITransport>() },
            Routes = [new EventRoute { Events = "*", Transport = "shop" }],
            Authorizers = [services.GetRequiredService<IAuthorizer>()],
        });

        var app = builder.Build();
        app.UseAuthentication();
        app.UseAuthorization();
        app.MapPost("/orders", static (NewOrder order, Orders orders, CancellationToken cancellationToken) =>
            orders.PlaceAsync(order, cancellationToken)).RequireAuthorization();
        app.MapEventBroker();
        return app;
    }
}

using EventBroker.Samples.Embedded;

await using var app = ShopApp.Create(args);
await app.RunAsync();

namespace EventBroker.Samples.Worker;

public sealed record Order(string Id, string Article, decimal Price);

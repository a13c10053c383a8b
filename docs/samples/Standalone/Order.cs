namespace EventBroker.Samples.Standalone;

internal sealed record Order(string Article, int Quantity);

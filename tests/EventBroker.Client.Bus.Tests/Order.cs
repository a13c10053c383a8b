namespace EventBroker.Client.Bus.Tests;

public sealed record Order(int Number, string Item = "tea");

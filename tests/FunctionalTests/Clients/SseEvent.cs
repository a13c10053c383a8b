namespace EventBroker.FunctionalTests.Clients;

internal sealed record SseEvent(string Name, string Data, string? Id);

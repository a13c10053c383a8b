using EventBroker.Sdk.Authorization;
using EventBroker.Sdk.Conformance.Callers;

namespace EventBroker.Sdk.Conformance.Authorizers;

/// <summary>Somebody who wants something.</summary>
public sealed class AuthorizerCase
{
    /// <summary>Gets how the caller is made, anew for each call.</summary>
    public Func<TestCaller> Caller { get; init; } = static () => new TestCaller();

    /// <summary>Gets what is wanted. Default <see cref="BrokerOperation.Publish"/>.</summary>
    public BrokerOperation Operation { get; init; }

    /// <summary>Gets the event. Default <c>orders</c>; empty for operations that name none.</summary>
    public string EventName { get; init; } = "orders";

    /// <summary>Gets the worker group. Default none.</summary>
    public string WorkerGroup { get; init; } = "";

    /// <summary>Gets what the caller shows and nobody else may see: keys, tokens, passwords. Default none.</summary>
    public IReadOnlyList<string> Secrets { get; init; } = [];

    internal AuthorizationRequest RequestOf(TestCaller caller) =>
        new() { Caller = caller, Operation = Operation, EventName = EventName, WorkerGroup = WorkerGroup };
}

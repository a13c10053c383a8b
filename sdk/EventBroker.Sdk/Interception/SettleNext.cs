namespace EventBroker.Sdk.Interception;

/// <summary>The rest of a settlement.</summary>
/// <param name="context">The message and what becomes of it.</param>
/// <returns>A task that ends when the message is settled.</returns>
public delegate ValueTask SettleNext(SettleContext context);

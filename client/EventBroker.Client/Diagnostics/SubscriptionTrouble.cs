namespace EventBroker.Client.Diagnostics;

/// <summary>Why nothing comes over a subscription.</summary>
internal sealed record SubscriptionTrouble(string EventName, bool IsFinal, string Reason);

namespace EventBroker.Client.Settling;

internal enum SettlementKind
{
    Ack,
    Nack,
    Extend,
}

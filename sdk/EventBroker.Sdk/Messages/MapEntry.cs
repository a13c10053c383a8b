namespace EventBroker.Sdk.Messages;

// The fields of a map's entry, by protobuf's own rule.
internal static class MapEntry
{
    public const int Key = 1;
    public const int Value = 2;
}

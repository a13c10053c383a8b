using System.Text.Json.Serialization;

namespace EventBroker.Transport.JetStream.Places;

/// <summary>Reads and writes notes.</summary>
[JsonSerializable(typeof(PlaceNote))]
internal sealed partial class PlaceNoteJson : JsonSerializerContext;

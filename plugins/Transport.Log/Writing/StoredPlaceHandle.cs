namespace EventBroker.Transport.Log.Writing;

/// <summary>A place that was read from the file.</summary>
internal sealed class StoredPlaceHandle(PlaceRecord record) : IPlaceHandle
{
    public long Id => record.Id;

    public PlaceRecord? Record => record;
}

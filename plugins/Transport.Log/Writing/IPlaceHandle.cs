namespace EventBroker.Transport.Log.Writing;

/// <summary>A place that is written, or will be before anything that is noted of it.</summary>
internal interface IPlaceHandle
{
    /// <summary>Gets its id; to be asked for only once it is made.</summary>
    long Id { get; }

    /// <summary>Gets its record; null if it could not be made. Belongs to the writer.</summary>
    PlaceRecord? Record { get; }
}

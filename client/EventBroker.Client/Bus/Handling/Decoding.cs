namespace EventBroker.Client.Bus;

internal static class Decoding
{
    /// <summary>Makes a value of a delivery.</summary>
    /// <returns>Whether it is one; otherwise <paramref name="fault"/> says why not.</returns>
    public static bool TryDecode<T>(IEventCodec<T> codec, Delivery delivery, out T? value, out Exception? fault)
    {
        value = default;
        fault = null;
        try
        {
            if (delivery.Metadata.TryGetValue(MediaType.Key, out var contentType))
            {
                var mediaType = MediaType.Of(contentType);
                if (!mediaType.IsEmpty && !codec.CanDecode(mediaType.ToString()))
                {
                    fault = new InvalidDataException($"its content type is '{contentType}', expected is '{codec.ContentType}'");
                    return false;
                }
            }

            value = codec.Decode(delivery.Payload);
            if (value is null)
            {
                fault = new InvalidDataException("the codec has made null of it");
            }
        }
#pragma warning disable CA1031 // Whatever a codec throws says that the message can't be decoded.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            fault = exception;
        }

        return fault is null;
    }
}

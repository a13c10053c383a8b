using EventBroker.Sdk.Interception;
using EventBroker.Sdk.Messages;

namespace EventBroker.Sdk.Conformance.Interceptors;

/// <summary>What a plugin's author gives to <see cref="InterceptorConformanceTests{TFixture}"/>. Disposed after its test, if it can be.</summary>
public abstract class InterceptorFixture
{
    /// <summary>Gets the event of the messages. Default <c>orders</c>.</summary>
    public virtual string EventName => "orders";

    /// <summary>Makes the interceptor. The test disposes it, if it can be.</summary>
    /// <returns>The interceptor.</returns>
    public abstract ValueTask<IInterceptor> CreateAsync();

    /// <summary>Makes a message that the interceptor lets pass, as often as it is asked to.</summary>
    /// <param name="id">Its id.</param>
    /// <returns>The message. Default: one with a payload of JSON and an entry of metadata.</returns>
    public virtual EncodedMessage Passing(string id) =>
        MessageEncoder.Encode(id, "conformance", "{\"total\":42}"u8, [new("tenant", "acme")], new MessageTimestamp(1_767_323_045, 0));

    /// <summary>Makes a message whose publishing the interceptor refuses.</summary>
    /// <param name="id">Its id.</param>
    /// <returns>The message; null (the default) for an interceptor that refuses none.</returns>
    public virtual EncodedMessage? Refused(string id) => null;
}

using EventBroker.Sdk.Errors;

namespace EventBroker.Endpoints.Grpc;

// A decoded request, or what was wrong with it: what a marshaller throws would become INTERNAL.
internal sealed class Decoded<T>
    where T : class
{
    private readonly T? _value;
    private readonly BrokerException? _fault;

    public Decoded(T value) => _value = value;

    public Decoded(string fault) => _fault = new BrokerException(BrokerErrorCode.InvalidArgument, "malformed request: " + fault);

    public Decoded(BrokerException fault) => _fault = fault;

    public T Value => _value ?? throw _fault!;
}

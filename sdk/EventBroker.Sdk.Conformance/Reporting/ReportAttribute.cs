namespace EventBroker.Sdk.Conformance.Reporting;

/// <summary>Marks the test that makes the report.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ReportAttribute : Attribute;

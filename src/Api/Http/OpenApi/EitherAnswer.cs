namespace Holdfast.Api.Http.OpenApi;

/// <summary>For the OpenAPI document: an endpoint that answers 200 with one of these bodies, depending on what it is asked.</summary>
public sealed record EitherAnswer(params Type[] Types);

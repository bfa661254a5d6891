using System.Collections.Immutable;
using System.Reflection.Metadata;

namespace Lifeline.Architecture.Tests.Rules;

/// <summary>Spells types of metadata by their full names, leaving out type arguments.</summary>
internal sealed class TypeNames : ISignatureTypeProvider<string, object?>
{
    internal static readonly TypeNames Instance = new();

    internal static string OfReference(MetadataReader metadata, TypeReferenceHandle handle)
    {
        TypeReference type = metadata.GetTypeReference(handle);
        string name = metadata.GetString(type.Name);
        if (type.ResolutionScope.Kind == HandleKind.TypeReference)
            return $"{OfReference(metadata, (TypeReferenceHandle)type.ResolutionScope)}.{name}";
        return Join(metadata.GetString(type.Namespace), name);
    }

    internal static string OfDefinition(MetadataReader metadata, TypeDefinitionHandle handle)
    {
        TypeDefinition type = metadata.GetTypeDefinition(handle);
        string name = metadata.GetString(type.Name);
        return type.IsNested ? $"{OfDefinition(metadata, type.GetDeclaringType())}.{name}" : Join(metadata.GetString(type.Namespace), name);
    }

    public string GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind) => OfReference(reader, handle);

    public string GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind) => OfDefinition(reader, handle);

    public string GetTypeFromSpecification(MetadataReader reader, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind) =>
        reader.GetTypeSpecification(handle).DecodeSignature(this, genericContext);

    public string GetGenericInstantiation(string genericType, ImmutableArray<string> typeArguments) => genericType;

    public string GetPrimitiveType(PrimitiveTypeCode typeCode) => $"System.{typeCode}";

    public string GetArrayType(string elementType, ArrayShape shape) => elementType + "[,]";

    public string GetSZArrayType(string elementType) => elementType + "[]";

    public string GetByReferenceType(string elementType) => elementType + "&";

    public string GetPointerType(string elementType) => elementType + "*";

    public string GetPinnedType(string elementType) => elementType;

    public string GetModifiedType(string modifier, string unmodifiedType, bool isRequired) => unmodifiedType;

    public string GetFunctionPointerType(MethodSignature<string> signature) => "function pointer";

    public string GetGenericMethodParameter(object? genericContext, int index) => $"method parameter {index}";

    public string GetGenericTypeParameter(object? genericContext, int index) => $"type parameter {index}";

    private static string Join(string space, string name) => space.Length == 0 ? name : $"{space}.{name}";
}

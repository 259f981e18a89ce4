<?php

declare(strict_types=1);

namespace Revurb\Status;

use Error;
use ReflectionClass;

/**
 * Creates an object from decoded JSON that another version of this package, or another program, may have written.
 */
trait ReadsFields
{
    /** Null if a field is missing or has another type. Unknown fields are ignored. */
    public static function from(mixed $fields): ?self
    {
        if (! is_array($fields)) {
            return null;
        }

        $known = array_column((new ReflectionClass(self::class))->getConstructor()?->getParameters() ?? [], 'name');

        try {
            return new self(...array_intersect_key($fields, array_flip($known)));
        } catch (Error) {
            return null;
        }
    }
}

"""What is known about PostgreSQL's own functions: which can return NULL for arguments that are not.

The lists name C functions (`pg_proc.prosrc`), because overloads differ: `upper(text)` never returns
NULL, `upper(anyrange)` does. They were taken from every `PG_RETURN_NULL` in the server's sources of 15
and 18, not from the manual. Functions that are not PostgreSQL's own are never trusted.
"""

__all__ = [
    "ANY_ARGUMENT",
    "ARGUMENTS",
    "COUNTING",
    "EACH_ROW",
    "FINITE_TIME",
    "FOLLOWING",
    "INFINITE_FIELDS",
    "KEEPING_NULLS",
    "NEEDS_FORMAT",
    "NEEDS_VARIADIC",
    "RANKING",
    "SET_COLUMNS",
    "TIME_PARTS",
    "may_return_null",
]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_NULL_THOUGH_STRICT = _words(
    """
    array_dims array_length array_lower array_ndims array_upper box_intersect close_ls close_lseg
    close_pb close_pl close_ps close_sb line_interpt lseg_interpt path_add path_area path_distance
    poly_distance current_schema icu_unicode_version system_user show_config_by_name_missing_ok
    int2int4_sum int8_avg interval_avg json_array_element json_array_element_text
    json_extract_path json_extract_path_text json_object_field json_object_field_text
    json_to_record jsonb_array_element jsonb_array_element_text jsonb_extract_path
    jsonb_extract_path_text jsonb_object_field jsonb_object_field_text jsonb_to_record jsonb_bool
    jsonb_float4 jsonb_float8 jsonb_int2 jsonb_int4 jsonb_int8 jsonb_numeric jsonb_path_exists
    jsonb_path_exists_opr jsonb_path_exists_tz jsonb_path_match jsonb_path_match_opr
    jsonb_path_match_tz jsonb_path_query_first jsonb_path_query_first_tz range_lower range_upper
    range_minus multirange_lower multirange_upper numeric_scale numeric_min_scale regexp_match
    regexp_match_no_flags textregexsubstr regexp_substr regexp_substr_no_start regexp_substr_no_n
    regexp_substr_no_flags regexp_substr_no_subexpr timestamp_time timestamptz_time
    timestamptz_timetz to_regclass to_regcollation to_regnamespace to_regoper to_regoperator
    to_regproc to_regprocedure to_regrole to_regtype to_regtypemod ts_lexize
    uuid_extract_timestamp uuid_extract_version aclinsert aclremove float8_avg float8_corr
    float8_var_pop float8_var_samp float8_stddev_pop float8_stddev_samp float8_covar_pop
    float8_covar_samp float8_regr_sxx float8_regr_syy float8_regr_sxy float8_regr_avgx
    float8_regr_avgy float8_regr_r2 float8_regr_slope float8_regr_intercept
    """
)
_NULL_SQL_FUNCTIONS = _words(
    """
    col_description obj_description shobj_description substring pg_relation_size ts_debug
    """
)
_SAFE_PG = (
    "pg_advisory_",
    "pg_try_advisory_",
    "pg_lsn_",
    "pg_size_",
    "pg_snapshot_",
    "pg_backend_pid",
    "pg_client_encoding",
    "pg_column_size",
    "pg_conf_load_time",
    "pg_current_snapshot",
    "pg_current_xact_id",
    "pg_is_in_recovery",
    "pg_postmaster_start_time",
)

ARGUMENTS = {
    **dict.fromkeys(
        _words(
            """
    array_append array_prepend array_fill array_fill_with_lower_bounds quote_nullable pg_typeof
    set_config_by_name enum_first enum_last enum_range_all enum_range_bounds range_constructor2
    range_constructor3 json_build_array json_build_array_noargs json_build_object
    json_build_object_noargs jsonb_build_array jsonb_build_array_noargs jsonb_build_object
    jsonb_build_object_noargs text_concat pg_num_nulls pg_num_nonnulls
    """
        ),
        0,
    ),
    **dict.fromkeys(
        _words(
            """
    text_concat_ws text_format text_format_nv array_remove array_replace array_positions
    text_to_array text_to_array_null format_type
    """
        ),
        1,
    ),
    "array_to_text_null": 2,
    "similar_escape": 2,
    **dict.fromkeys(
        _words(
            """
    overlaps_time overlaps_timetz overlaps_timestamp
    """
        ),
        4,
    ),
}
"""How many leading arguments must be known for the result of a function that is not strict."""

ANY_ARGUMENT = frozenset({"array_cat", "xmlconcat2"})
"""Not strict: NULL only where every argument is."""

NEEDS_VARIADIC = _words(
    """
    text_concat text_concat_ws json_build_array json_build_object jsonb_build_array
    jsonb_build_object pg_num_nulls pg_num_nonnulls
    """
)
"""`f(VARIADIC array)` is NULL where the array is."""

TIME_PARTS = frozenset({"date_part", "extract"})
INFINITE_FIELDS = _words(
    """
    year years epoch decade decades century centuries millennium isoyear julian
    """
)
"""Fields of an infinite timestamp that are infinite; the others are NULL."""
NEEDS_FORMAT = frozenset({"interval_to_char", "timestamp_to_char", "timestamptz_to_char"})
"""NULL for an infinite time and for an empty format."""
FINITE_TIME = _words(
    """
    now statement_timestamp transaction_timestamp clock_timestamp
    """
)

SET_COLUMNS: dict[str, tuple[bool, ...]] = {
    "json_each": (False, False),
    "jsonb_each": (False, False),
    "json_each_text": (False, True),
    "jsonb_each_text": (False, True),
    "tsvector_unnest": (False, True, True),
    "ts_parse_byid": (False, False),
    "ts_parse_byname": (False, False),
}
"""Set-returning functions with several columns: which of them may be NULL."""

EACH_ROW = _words(
    """
    generate_series_int4 generate_series_step_int4 generate_series_int8 generate_series_step_int8
    generate_series_numeric generate_series_step_numeric generate_series_timestamp
    generate_series_timestamptz generate_series_timestamptz_at_zone generate_subscripts
    generate_subscripts_nodir regexp_matches regexp_matches_no_flags regexp_split_to_table
    regexp_split_to_table_no_flags json_array_elements jsonb_array_elements json_object_keys
    jsonb_object_keys jsonb_path_query jsonb_path_query_tz multirange_unnest text_to_table
    """
)
"""Set-returning functions whose every row holds a value."""

COUNTING = frozenset({"count", "regr_count"})
KEEPING_NULLS = _words(
    """
    array_agg json_agg jsonb_agg json_object_agg jsonb_object_agg json_object_agg_unique
    jsonb_object_agg_unique
    """
)
"""Aggregates that are NULL for no rows only."""
FOLLOWING = _words(
    """
    sum avg min max bool_and bool_or every bit_and bit_or bit_xor string_agg any_value xmlagg
    json_agg_strict jsonb_agg_strict var_pop stddev_pop mode percentile_cont percentile_disc
    covar_pop regr_avgx regr_avgy regr_sxx regr_syy regr_sxy range_intersect_agg
    """
)
"""Aggregates that are NULL for no rows that hold a value."""
RANKING = _words(
    """
    row_number rank dense_rank percent_rank cume_dist
    """
)


def may_return_null(source: str, language: str, name: str) -> bool:
    """Say whether a strict function of PostgreSQL's own may return NULL for known arguments."""
    if language == "sql":
        return name in _NULL_SQL_FUNCTIONS
    if source.startswith("pg_"):
        return source == "pg_current_xact_id_if_assigned" or not source.startswith(_SAFE_PG)
    return source in _NULL_THOUGH_STRICT or source.startswith("has_")

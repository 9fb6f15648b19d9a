from uuid import uuid4

import pytest

from slimy_dal import Database
from slimy_dal.domain.analysis_entries import MAX_IMAGES
from slimy_dal.domain.club_analysis_images import NewImage
from slimy_dal.engine.errors import CheckViolated, InvalidValue, NotFound
from tests import make


async def test_images_are_added_listed_and_taken_out(db: Database) -> None:
    guild, user = await make.guild(db), await make.user(db)
    analysis = await make.club_analysis(db, guild.id, user.id, images=[NewImage("u", "0", 0)])
    added = await db.club_analysis_images.add_many(
        analysis.id, [NewImage("u", str(n), n) for n in range(1, 4)]
    )
    assert [(image.original_name, image.file_size) for image in added] == [
        ("1", 1),
        ("2", 2),
        ("3", 3),
    ]
    first = await db.club_analysis_images.list_of_analysis(analysis.id, limit=3)
    rest = await db.club_analysis_images.list_of_analysis(
        analysis.id, limit=3, cursor=first.next_cursor
    )
    assert first.items + rest.items == [*analysis.images, *added]
    await db.club_analysis_images.delete(analysis.id, added[0].id)
    kept = (await db.club_analyses.get(analysis.id)).images
    assert [image.original_name for image in kept] == ["0", "2", "3"]


async def test_an_image_belongs_to_its_analysis(db: Database) -> None:
    guild, user = await make.guild(db), await make.user(db)
    one = await make.club_analysis(db, guild.id, user.id, images=[NewImage("u", "n", 1)])
    other = await make.club_analysis(db, guild.id, user.id)
    for analysis_id, image_id in ((other.id, one.images[0].id), (one.id, uuid4())):
        with pytest.raises(NotFound, match="there is no such image"):
            await db.club_analysis_images.delete(analysis_id, image_id)
    with pytest.raises(NotFound, match="there is no such club analysis"):
        await db.club_analysis_images.add_many(uuid4(), [NewImage("u", "n", 1)])


async def test_one_bad_image_keeps_all_out(db: Database) -> None:
    guild, user = await make.guild(db), await make.user(db)
    analysis = await make.club_analysis(db, guild.id, user.id)
    good = NewImage("u", "n", 1)
    with pytest.raises(CheckViolated) as refused:
        await db.club_analysis_images.add_many(analysis.id, [good, NewImage("u", "n", -1)])
    assert refused.value.fields == ("file_size",)
    with pytest.raises(InvalidValue, match="images: entry 1"):
        await db.club_analysis_images.add_many(
            analysis.id,
            [good, NewImage("u", 1, 1)],  # type: ignore[arg-type]
        )
    with pytest.raises(InvalidValue, match=f"images: holds more than {MAX_IMAGES}"):
        await db.club_analysis_images.add_many(analysis.id, [good] * (MAX_IMAGES + 1))
    assert (await db.club_analyses.get(analysis.id)).images == []
